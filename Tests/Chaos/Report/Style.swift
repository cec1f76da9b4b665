import Support

extension Report {
    /// What the page looks like besides what all pages do.
    static let style: Markup = """
        :root { --confirmed: #0b5cad; --outcomes: #d2600a; --backlog: #8b6fd0;
          --service: #c0322b; --broker: #d2600a; --database: #2563c9; --redis: #b0308f; --network: #0b7f77; --clock: #6b6660; }
        @media (prefers-color-scheme: dark) {
          :root { --confirmed: #6bb1ff; --outcomes: #ffa04d; --backlog: #9f86e0;
            --service: #ff7b72; --broker: #ffa04d; --database: #79a8ff; --redis: #ee85d3; --network: #45cfc4; --clock: #a8a198; } }
        .subject { width: 18rem; overflow-wrap: break-word; }
        .matrix td, .matrix thead th { padding: .3rem .75rem; } .matrix thead th:first-child { padding-left: 0; }
        .matrix tbody th { padding-left: 1rem; font-weight: 400; white-space: nowrap; }
        .matrix th.group { padding: .9rem 0 .3rem; font-weight: 600; }
        .setup th { width: 9rem; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1.5rem 2.5rem;
          align-items: start; margin-top: 1.5rem; }
        .area { fill: var(--colour); fill-opacity: .35; stroke: var(--colour); }
        .away, .lane { fill: var(--shade); } .fault { fill: var(--colour); }
        .mark { stroke: var(--good); stroke-width: 1.5; } .mark.healed { stroke-dasharray: 5 4; } 
        svg text.mark-name { fill: var(--good); stroke: var(--paper); stroke-width: 5px; paint-order: stroke; }
        @media (max-width: 40rem) {
          .matrix { font-size: .78rem; } .matrix td, .matrix thead th { padding: .3rem .2rem; } .matrix tbody th { padding-left: .4rem; }
          .matrix thead th + th { writing-mode: vertical-rl; text-align: left; }
          .stacked thead { position: absolute; clip-path: inset(50%); }
          .stacked tr { display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; padding: .35rem 0;
            border-bottom: 1px solid var(--line); }
          .stacked th, .stacked td { padding: 0; border: 0; } .subject { width: auto; overflow-wrap: anywhere; } .stacked td:last-child { grid-column: 1 / -1; } }
        """
}
