/** Templates to start from; each names its missing nodes. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { listTemplates, openTemplate } from '../actions/open'
import { pictureAddress } from '../api/address'
import { inWords } from '../api/http'
import type { TemplateInfo } from '../api/types'
import { needsOf, sorted } from '../catalogue/templates'
import { Dialog } from '../components/Dialog'
import { useEditor } from '../editor/context'
import { dye, dyeOfCategory } from '../scene/colours'
import './Templates.css'

export function Templates({ onClose }: { onClose(): void }) {
  const editor = useEditor()
  const [templates, setTemplates] = useState<TemplateInfo[] | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    listTemplates(editor).then(setTemplates, (error: unknown) => setProblem(inWords(error).message))
  }, [editor])
  const choose = (template: TemplateInfo) => void open(template)
  const open = async ({ name, title }: TemplateInfo) => {
    if (await openTemplate(editor, name, title)) onClose()
  }
  const [atOnce, own] = sorted(templates ?? [])
  return (
    <Dialog title="Templates" wide onClose={onClose}>
      <p className="quiet">A template takes the place of what is on the canvas. Undo brings that back.</p>
      {problem && <p role="alert">{problem}</p>}
      {templates?.length === 0 && <p className="quiet">No templates are installed here.</p>}
      <Cards templates={atOnce} onChoose={choose} />
      {own.length > 0 && <h3 className="templates-own">With models of your own</h3>}
      <Cards templates={own} onChoose={choose} />
    </Dialog>
  )
}

function Cards({
  templates,
  onChoose,
}: {
  templates: TemplateInfo[]
  onChoose(template: TemplateInfo): void
}) {
  return (
    <div className="templates">
      {templates.map((template) => (
        <Card key={template.name} template={template} onChoose={() => onChoose(template)} />
      ))}
    </div>
  )
}

function Card({ template, onChoose }: { template: TemplateInfo; onChoose(): void }) {
  const editor = useEditor()
  const types = useStore(editor.catalogue, (state) => state.types)
  const missing = template.node_types.filter((id) => types.size > 0 && !types.has(id))
  return (
    <button type="button" className="template" onClick={onChoose}>
      {template.thumbnail ? (
        <img src={pictureAddress(template.thumbnail)} alt="" />
      ) : (
        <Sketch nodeTypes={template.node_types} />
      )}
      <h3>{template.title}</h3>
      <p>{template.description}</p>
      <Needed template={template} />
      {missing.length > 0 && (
        <p className="template-missing">Needs nodes that are not installed: {missing.join(', ')}</p>
      )}
    </button>
  )
}

function Needed({ template }: { template: TemplateInfo }) {
  const { missing, uses } = needsOf(template)
  return (
    <>
      {uses.length > 0 && <p>Uses {uses.join(', ')}</p>}
      {missing.map((what) => (
        <p key={what} className="template-missing">
          Needs a {what}
        </p>
      ))}
    </>
  )
}

/** Replaces a missing thumbnail: one line per node in the colour of its category. */
function Sketch({ nodeTypes }: { nodeTypes: string[] }) {
  const editor = useEditor()
  const types = useStore(editor.catalogue, (state) => state.types)
  return (
    <div className="template-sketch" aria-hidden="true">
      {nodeTypes.slice(0, 14).map((id, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same node type may come twice
        <i key={id + at} style={{ background: dye(dyeOfCategory(types.get(id)?.category ?? '')) }} />
      ))}
    </div>
  )
}
