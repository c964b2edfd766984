/** Keeps a fault in one part of the page from taking the rest with it. */
import { Component, type ReactNode } from 'react'
import './ErrorBoundary.css'

export class ErrorBoundary extends Component<
  { what: string; children: ReactNode },
  { message: string | null }
> {
  override state: { message: string | null } = { message: null }

  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children
    return (
      <div className="broken" role="alert">
        <h2>{this.props.what} could not be drawn</h2>
        <p>Your workflow is kept. {this.state.message}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    )
  }
}
