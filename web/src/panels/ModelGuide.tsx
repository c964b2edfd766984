/** Which files go into which folder. */
import type { ModelFolder } from '../api/types'
import './ModelGuide.css'

export function ModelGuide({ folders }: { folders: readonly ModelFolder[] }) {
  return (
    <section className="model-guide" aria-label="Where files go">
      <p>
        Put model files into these folders, in folders of your own or as links, too. They appear here by
        themselves. The bundled <b>picturebook</b> needs nothing else: it draws simple scenes of 128 × 128
        pixels.
      </p>
      <dl>
        {folders
          .filter(({ holds }) => holds)
          .map(({ kind, place, holds }) => (
            <div key={kind}>
              <dt>
                <code>{place}</code>
              </dt>
              <dd>{holds}</dd>
            </div>
          ))}
      </dl>
      <p className="quiet">
        Models of another program stay where they are: name their folders in{' '}
        <code>extra_model_paths.yaml</code> beside main.py, and start Jacquard again.
      </p>
    </section>
  )
}
