// Draws every chart of a downloaded page in the colours that its reader prefers; Vega comes in the same script.
const looks = JSON.parse(document.getElementById("looks").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");

function draw() {
  const look = dark.matches ? looks.dark : looks.light;
  const quiet = { labelColor: look.soft, titleColor: look.soft, gridColor: look.line, domainColor: look.line, tickColor: look.line,
    labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  const font = '"Hanken Grotesk", sans-serif';
  for (const figure of document.querySelectorAll("figure")) {
    // A chart that names the ink and the ground of the light look gets those of this one.
    const chart = figure.querySelector("script").textContent
      .replaceAll(looks.light.ink, look.ink).replaceAll(looks.light.paper, look.paper);
    const spec = { ...JSON.parse(chart), width: "container", autosize: { type: "fit", contains: "padding" } };
    spec.background = look.paper;
    spec.config = { ...spec.config, font, view: { stroke: null }, axis: quiet, legend: quiet };
    vegaEmbed(figure.querySelector("div"), spec, { actions: false, renderer: "svg", ...spec.usermeta?.embedOptions });
  }
}

dark.addEventListener("change", draw);
document.fonts.ready.then(draw);
