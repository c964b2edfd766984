/** Why a node ran or was reused: the changed inputs, their values before and after, and the cause. */
import { ArrowRight, CornerUpLeft } from 'lucide-react'
import { useCallback, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { goTo, titleFrom, titleOfInput } from '../actions/enter'
import { titleOfNode } from '../actions/wiring'
import type { Reason } from '../api/types'
import { Card } from '../components/Card'
import { sentence } from '../components/format'
import type { NodeId } from '../document/types'
import { useEditor } from '../editor/context'
import type { Editor } from '../editor/editor'
import { askWhy, beginnings, howInWords, isUnexplained, type Why, whyOf } from '../run/why'
import './WhyCard.css'

const close = (editor: Editor) => editor.ui.setState({ why: null })
const INSIDE_SHOWN = 6

export function WhyCard() {
  const editor = useEditor()
  const id = useStore(editor.ui, (state) => state.why)
  return id === null ? null : <OpenCard key={id} id={id} />
}

function OpenCard({ id }: { id: NodeId }) {
  const editor = useEditor()
  const state = useStore(editor.run)
  const onClose = useCallback(() => close(editor), [editor])
  const path = state.scope + id
  const found = useMemo(() => whyOf(state, path), [state, path])
  const unexplained = isUnexplained(found)
  useEffect(() => {
    if (unexplained) void askWhy(editor, path)
  }, [unexplained, path, editor])
  const gone = useStore(editor.doc, (now) => !now.body.nodes[id])
  if (gone) return null
  const own = found[0]?.path === path ? found[0] : undefined
  const inside = own ? found.slice(1) : found
  const anchor = editor.view.elementOf(id)
  const title = titleOfNode(editor, id)
  return (
    <Card label={`Why did ${title} run?`} anchor={anchor} onClose={onClose} className="why-card" focus>
      <h4>{title}</h4>
      {own && (
        <Explanation
          why={own}
          from={path}
          title={(name) => editor.types.typeOf(id)?.inputs.find((one) => one.name === name)?.title ?? name}
        />
      )}
      {inside.length > 0 && <Inside found={inside} path={path} />}
      {!found.length && editor.isUnneeded(state, id) && (
        <>
          <p className="why-lead is-reused">It did not have to run.</p>
          <p>It only feeds an input that is worked out when it is needed, and this run did not need it.</p>
        </>
      )}
      {!found.length && !editor.isUnneeded(state, id) && <p>It was not part of the last run.</p>}
    </Card>
  )
}

function Explanation({ why, title, from }: { why: Why; title(name: string): string; from: string }) {
  const { state, reason, how } = why
  if (state === 'reused')
    return (
      <>
        <p className="why-lead is-reused">It did not have to run.</p>
        <p>{howInWords(how)}</p>
      </>
    )
  if (state === 'waiting') return <p>It waits for its turn.</p>
  if (state === 'skipped') return <p>It did not run, because something that it needs did not.</p>
  if (!reason) return <p>It ran. Why is not known any more.</p>
  return (
    <>
      <p className="why-lead">It ran, because {because(reason)}.</p>
      {reason.inputs && reason.inputs.length > 0 && (
        <Changes inputs={reason.inputs} title={title} from={from} />
      )}
    </>
  )
}

function because({ code, message, inputs }: Reason): string {
  switch (code) {
    case 'new':
      return 'it is new: no such node ran before'
    case 'changed': {
      const count = inputs?.length ?? 0
      return count > 1 ? `${count} of its inputs changed` : 'one of its inputs changed'
    }
    case 'code':
      return 'its code or its version changed'
    case 'forgotten':
      return 'its earlier result is no longer kept'
    case 'checked':
      return 'it was checked whether the remembered result is right'
    default:
      return message.replace(/\.$/, '')
  }
}

function Changes({
  inputs,
  title,
  from,
}: {
  inputs: NonNullable<Reason['inputs']>
  title(name: string): string
  /** The path of the node. */
  from: string
}) {
  const editor = useEditor()
  return (
    <dl className="why-changes">
      {inputs.map(({ name, was, now, source }) => (
        <div key={name}>
          <dt>{title(name)}</dt>
          <dd>
            {source ? (
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  close(editor)
                  goTo(editor, source)
                }}
              >
                <CornerUpLeft size={13} aria-hidden="true" /> “{titleFrom(editor, from, source)}” gave
                something else
              </button>
            ) : (
              <span className="was-now">
                <del>{was || 'nothing'}</del>
                <ArrowRight size={13} aria-label="is now" />
                <ins>{now || 'nothing'}</ins>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** The nodes inside, the causes of the change first. */
function Inside({ found, path }: { found: readonly Why[]; path: string }) {
  const editor = useEditor()
  const ran = found.filter((one) => one.state !== 'reused' && one.state !== 'skipped')
  const reused = found.filter((one) => one.state === 'reused').length
  if (!ran.length)
    return (
      <>
        <p className="why-lead is-reused">Nothing inside had to run.</p>
        <p>{howInWords(found[0]?.how)}</p>
      </>
    )
  const count = `Inside, ${ran.length} of ${found.length} node${found.length > 1 ? 's' : ''} ran${reused ? `, ${reused} ${reused > 1 ? 'were' : 'was'} reused` : ''}.`
  const codes = new Set(ran.map((one) => one.reason?.code))
  const [first] = ran
  if (codes.size === 1 && first?.reason && !first.reason.inputs?.length && ran.length > 1)
    return (
      <>
        <p className="why-lead">{count}</p>
        <p>Each of them ran because {because(first.reason)}.</p>
      </>
    )
  const began = beginnings(ran, path)
  const rest = ran.length - began.length
  return (
    <>
      <p className="why-lead">{count}</p>
      <ul className="why-inside">
        {began.slice(0, INSIDE_SHOWN).map(({ path: at, reason }) => (
          <li key={at}>
            <button
              type="button"
              className="link-button"
              onClick={() => {
                close(editor)
                goTo(editor, at)
              }}
            >
              {titleFrom(editor, `${path}/`, at)}
            </button>
            {reason?.inputs?.length ? (
              <Changes
                inputs={reason.inputs}
                title={(name) => titleOfInput(editor, at, name)}
                from={`${path}/`}
              />
            ) : (
              reason && <span>{sentence(because(reason))}</span>
            )}
          </li>
        ))}
        {began.length > INSIDE_SHOWN && <li>and {began.length - INSIDE_SHOWN} more</li>}
      </ul>
      {rest > 0 && (
        <p>{rest === 1 ? 'One more ran because of that.' : `${rest} more ran because of that.`}</p>
      )}
    </>
  )
}
