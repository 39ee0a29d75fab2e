/// The style sheet of a page; it loads nothing.
enum ReportStyleSheet {
  /// The whole sheet.
  static let text =
    ":root{color-scheme:light dark;\(ReportPalette.light.properties)}\n"
    + "@media screen and (prefers-color-scheme:dark){:root{\(ReportPalette.dark.properties)}}\n"
    + page + blocks + charts + series + media

  private static let page = """
    *{box-sizing:border-box}
    html{scroll-behavior:smooth;scroll-padding-top:16px}
    body{margin:0;background:var(--bg);color:var(--ink);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",
    Arial,sans-serif;font-variant-numeric:tabular-nums}
    a{color:var(--accent)}
    :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
    .skip{position:absolute;left:-999px}
    .skip:focus{left:16px;top:8px;background:var(--card);padding:8px 12px;z-index:2}
    .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .top{max-width:1268px;margin:0 auto;padding:36px 24px 20px}
    h1{font-size:30px;line-height:1.2;margin:0;letter-spacing:-.015em}
    .subtitle{margin:6px 0 0;color:var(--muted);font-size:16px}
    .page{max-width:1268px;margin:0 auto;padding:0 24px;display:grid;
    grid-template-columns:200px minmax(0,1fr);gap:36px}
    .page>main:first-child{grid-column:1/-1}
    .toc{position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto;padding:16px 0}
    .toc-title{margin:0 0 6px;font-size:12px;font-weight:600;color:var(--muted)}
    .toc ol{list-style:none;margin:0;padding:0;border-left:2px solid var(--rule)}
    .toc a{display:block;padding:5px 0 5px 14px;margin-left:-2px;color:var(--muted);
    text-decoration:none;border-left:2px solid transparent;font-size:14px;line-height:1.35}
    .toc a:hover,.toc a:focus-visible{color:var(--accent);border-left-color:var(--accent)}
    section{margin:0 0 44px;padding-top:12px}
    h2{font-size:22px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em}
    h3{font-size:16px;line-height:1.35;margin:22px 0 4px}
    .lead{font-size:17px;line-height:1.45;margin:0 0 16px;max-width:72ch}
    p{margin:0 0 12px;max-width:76ch}
    ul{margin:0 0 14px;padding-left:20px;max-width:76ch}
    footer{max-width:1268px;margin:0 auto;padding:16px 24px 48px;color:var(--muted);
    font-size:13px;border-top:1px solid var(--rule)}

    """

  private static let blocks = """
    .card,.figure{background:var(--card);border:1px solid var(--rule);border-radius:10px}
    .card{margin:0 0 16px;padding:18px 20px 14px;min-width:0}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(186px,1fr));gap:14px;
    margin:0 0 16px}
    .figure{padding:14px 16px 12px;display:flex;flex-direction:column}
    .figure dt{font-size:13px;color:var(--muted);line-height:1.35}
    .figure dd{margin:0}
    .figure .number{font-size:27px;line-height:1.25;font-weight:650;letter-spacing:-.02em;
    margin:2px 0}
    .change{font-size:13px;font-weight:600}.change.good{color:var(--good)}
    .change.bad{color:var(--bad)}.change.neutral{color:var(--muted)}
    .figure .note{font-size:13px;color:var(--muted);line-height:1.4}
    .trend{margin-top:auto!important;padding-top:8px}
    .trend svg{display:block;width:100%;max-width:180px;height:36px}
    .row{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;
    margin:0 0 16px}.row>.card{margin:0;display:flex;flex-direction:column}
    .row>.card>.plot{flex:1}
    figcaption h3{margin:0}
    figcaption p{margin:2px 0 14px;color:var(--muted);font-size:14px}
    .callout{padding:11px 15px;border-radius:8px;background:var(--card);
    border:1px solid var(--rule);border-left:4px solid var(--accent);max-width:none}
    .callout.warning{border-left-color:var(--bad)}.callout.warning strong{color:var(--bad)}
    .callout.success{border-left-color:var(--good)}.callout.success strong{color:var(--good)}
    details{margin:10px 0 2px;font-size:14px}
    summary{cursor:pointer;color:var(--accent);width:fit-content;border-radius:4px}
    details .scroll{max-height:340px;margin-top:8px}
    .scroll{overflow:auto;border-radius:4px}
    table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}
    caption{text-align:left;font-weight:600;padding:0 0 8px}
    th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
    th{font-weight:500}
    thead th{font-weight:600;color:var(--muted);font-size:13px;vertical-align:bottom;
    position:sticky;top:0;background:var(--card);box-shadow:inset 0 -1px var(--rule)}
    tbody tr:last-child>*{border-bottom:0}
    tbody tr:hover>*{background:var(--bg)}
    .n{text-align:right}tbody .n,.k{white-space:nowrap}.w{min-width:240px}

    """

  private static let charts = """
    .plot{overflow-x:auto}
    .plot svg{display:block;width:100%;height:auto}
    svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",
    Arial,sans-serif;font-variant-numeric:tabular-nums}
    .t{fill:var(--ink)}.m{fill:var(--muted)}
    svg text.b{font-weight:600}svg text.small{font-size:11px}
    .halo{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
    .grid{stroke:var(--rule);stroke-width:1}
    .axis{stroke:var(--muted);stroke-width:1}.strong{stroke-width:1.5}
    .l{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .l-actual{stroke:var(--ink);stroke-width:2.25}
    .l-forecast{stroke:var(--c0);stroke-width:2.5;stroke-dasharray:8 4}
    .l-reference{stroke:var(--c5);stroke-dasharray:1.5 4.5}
    .l-second{stroke:var(--c1);stroke-width:1.75}
    .l-third{stroke:var(--c2);stroke-dasharray:14 5}
    .l-solid{stroke:var(--c0);stroke-width:2.75}
    .thin{stroke:var(--c0);stroke-width:1.25}
    .band{fill:var(--c0);fill-opacity:.16}
    .inner{fill-opacity:.27}
    .event{stroke:var(--muted);stroke-width:1;stroke-dasharray:3 3}
    .ideal{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:6 4}
    .whisker{stroke:var(--ink);stroke-width:1.5}
    .rim{stroke:var(--card);stroke-width:4}.stem{stroke-width:2}
    .above{stroke:var(--c0)}.below{stroke:var(--c1)}
    .joint{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 2}
    .loss{fill:var(--c1);fill-opacity:.82}
    .hatch{stroke:var(--card);stroke-width:2.25;fill:none}
    .frame{fill:none;stroke-width:1.5}
    .spark{fill:none;stroke:var(--c0);stroke-width:1.75;stroke-linejoin:round}
    .spark-area{fill:var(--c0);fill-opacity:.12}
    .d{stroke:var(--card);stroke-width:1.5}
    .p{fill-opacity:.8;stroke-width:.5}

    """

  /// Fills of series and shades.
  private static let series: String = {
    var text = ""
    for index in ReportPalette.light.series.indices {
      text += ".f\(index){fill:var(--c\(index))}"
    }
    for (index, name) in ["actual", "forecast", "reference", "second", "third"].enumerated() {
      let colours = ["--ink", "--c0", "--c5", "--c1", "--c2"]
      text += ".d.l-\(name){fill:var(\(colours[index]));stroke:var(--card)}"
    }
    for index in ReportPalette.light.shades.indices {
      text += ".h\(index){fill:var(--h\(index))}.g\(index){fill:var(--g\(index))}"
      text += ".frame.g\(index){fill:none;stroke:var(--g\(index))}"
    }
    return text + ".hollow{fill:var(--card);stroke:var(--c5);stroke-width:2}\n"
  }()

  private static let media = """
    @media(max-width:1000px){.page{grid-template-columns:minmax(0,1fr);gap:8px}
    .toc{position:static;max-height:none}.toc ol{columns:2}
    .row{grid-template-columns:minmax(0,1fr)}}
    @media(max-width:700px){.plot.wide svg{min-width:680px}.toc ol{columns:1}
    .top,.page{padding-left:14px;padding-right:14px}.card{padding:14px 14px 10px}}
    @media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
    @media print{body{background:#fff;font-size:11pt}.toc,details,.skip{display:none}
    .page{display:block;padding:0}.card,.figure,tr{break-inside:avoid}section{margin-bottom:24px}
    h2,h3,figcaption{break-after:avoid}.scroll,.plot{overflow:visible}}

    """
}
