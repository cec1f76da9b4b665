extension Report {
    /// The page's look: light or dark as the reader's system, from a phone's width up.
    static let style: Markup = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1d1b19; --soft: #625c55; --line: #ddd7cf; --shade: #f6f3ef;
          --good: #0b6b3f; --bad: #b3211a; --bad-shade: #fdeceb; --confirmed: #0b5cad; --outcomes: #d2600a; --backlog: #8b6fd0;
          --service: #c0322b; --broker: #d2600a; --database: #2563c9; --redis: #b0308f; --network: #0b7f77; --clock: #6b6660; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #171614; --ink: #ece8e2; --soft: #a8a198; --line: #3a3733; --shade: #211f1c;
            --good: #5fd39a; --bad: #ff8a80; --bad-shade: #3b1d1b; --confirmed: #6bb1ff; --outcomes: #ffa04d; --backlog: #9f86e0;
            --service: #ff7b72; --broker: #ffa04d; --database: #79a8ff; --redis: #ee85d3; --network: #45cfc4; --clock: #a8a198; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { margin: 0 0 .5rem; font-size: clamp(1.4rem, 5vw, 2.2rem); line-height: 1.2; text-wrap: balance; overflow-wrap: normal; }
        h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; }
        .about { margin: 0 0 .25rem; color: var(--soft); }
        .good { color: var(--good); } .bad { color: var(--bad); }
        td.bad { background: var(--bad-shade); font-weight: 700; }
        table { border-collapse: collapse; width: 100%; }
        caption { padding: .25rem 0; text-align: left; color: var(--soft); }
        th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        tbody th { font-weight: 600; overflow-wrap: normal; }
        thead th { color: var(--soft); font-weight: 400; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .subject { width: 18rem; overflow-wrap: break-word; }
        .matrix td, .matrix thead th { padding: .3rem .75rem; } .matrix thead th:first-child { padding-left: 0; }
        .matrix tbody th { padding-left: 1rem; font-weight: 400; white-space: nowrap; }
        .matrix th.group { padding: .9rem 0 .3rem; font-weight: 600; }
        .none { color: var(--soft); }
        .setup th { width: 9rem; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1.5rem 2.5rem;
          align-items: start; margin-top: 1.5rem; }
        code, pre { font: .9em/1.5 ui-monospace, monospace; }
        pre { padding: .75rem; background: var(--shade); white-space: pre-wrap; }
        .wide { overflow-x: auto; } .wide svg { display: block; width: 100%; min-width: 50rem; }
        .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; padding: 0; list-style: none; font-size: .9rem; }
        .legend li::before { content: ""; display: inline-block; width: .9rem; height: .55rem; margin-right: .4rem; background: var(--colour); }
        svg text { font: 13px system-ui, sans-serif; fill: var(--soft); }
        svg text.name { fill: var(--ink); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
        .grid { stroke: var(--line); fill: none; } .axis { stroke: var(--soft); fill: none; }
        .rate { fill: none; stroke: var(--colour); stroke-width: 1.5; stroke-linejoin: round; }
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
