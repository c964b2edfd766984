/** The logo: warp threads with wefts passing over and under them. */
import './Logo.css'

export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg
      className="logo"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <g stroke="var(--logo-weft)" strokeWidth="3.4">
        {[5, 12, 19].map((y) => (
          <path key={y} d={`M2 ${y}H22`} />
        ))}
      </g>
      <g stroke="var(--logo-warp)" strokeWidth="3.4">
        <path d="M5 2v6M5 16v6M12 9v6M19 2v6M19 16v6" />
      </g>
      <path
        d="M12 2v.2M12 21.8v.2M5 12h.01M19 12h.01"
        stroke="var(--logo-warp)"
        strokeWidth="3.4"
        opacity="0.55"
      />
    </svg>
  )
}

/** A piece of plain weave, the placeholder of a picture. */
export function ClothMark() {
  const rows = [0, 1, 2, 3]
  return (
    <svg
      className="cloth"
      width="72"
      height="56"
      viewBox="0 0 72 56"
      fill="none"
      strokeLinecap="round"
      strokeWidth="2.5"
      aria-hidden="true"
    >
      {rows.flatMap((row) =>
        [0, 1, 2, 3, 4].map((column) => {
          const over = (row + column) % 2 === 0
          const x = 8 + column * 14
          const y = 7 + row * 14
          return (
            <path
              key={`${row}${column}`}
              d={over ? `M${x - 5} ${y}h10` : `M${x} ${y - 5}v10`}
              className={over ? 'cloth-weft' : 'cloth-warp'}
            />
          )
        }),
      )}
    </svg>
  )
}
