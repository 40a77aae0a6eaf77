/** /docs: the OpenAPI description as one plain page, without scripts. Pure. */
import type { OpenApi } from "./openapi.ts";

const style =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}" +
  "code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f5f5f5;padding:1rem;overflow:auto}" +
  "td{padding:.2rem 1rem .2rem 0;vertical-align:top}td:first-child{font-weight:bold;text-transform:uppercase}";

export function docsPage({ info, paths, components }: OpenApi): string {
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, { summary }]) =>
        `<tr><td>${escape(method)}</td><td><code>${escape(path)}</code></td><td>${escape(summary)}</td></tr>`,
    ),
  );
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details><summary><code>${escape(name)}</code></summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(info.title)}</title><style>${style}</style>` +
    `<h1>${escape(info.title)}</h1><p>${escape(info.description)} Every request but /healthz, /readyz and /metrics carries ` +
    `<code>Authorization: Bearer TOKEN</code>. In full: <a href="/openapi.json">/openapi.json</a>.</p>` +
    `<h2>Requests</h2><table>${rows.join("")}</table><h2>Shapes</h2>${shapes.join("")}</html>\n`
  );
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
