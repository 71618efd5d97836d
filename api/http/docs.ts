// The documentation page: Swagger UI from this server's own disk, under a policy that lets nothing in from outside.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type Express, type RequestHandler, static as staticFiles } from "express";
import type { OpenApiDocument } from "./openapi.ts";

const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const files = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>opsmedic API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;
// validatorUrl: Swagger UI would otherwise send the document to an outside service.
const start = `SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#page", validatorUrl: null, deepLinking: true });\n`;

/** Open to everyone: it tells what the public source tells. `make` is called at the first request for it, once. */
export function serveDocs(app: Express, make: () => Promise<OpenApiDocument>): void {
  let document: Promise<OpenApiDocument> | undefined;
  app.get("/api/openapi.json", async (_request, response) => {
    document ??= make();
    response.json(await document);
  });
  app.get("/api/docs", send("html", page));
  app.get("/api/docs/start.js", send("application/javascript", start));
  const onDisk = staticFiles(folder, { index: false, fallthrough: false, dotfiles: "ignore", maxAge: "1h" });
  for (const file of files) {
    app.get(`/api/docs/${file}`, (request, response, next) => {
      request.url = `/${file}`;
      onDisk(request, response, next);
    });
  }
}

function send(type: string, body: string): RequestHandler {
  return (_request, response) => {
    response.type(type).send(body);
  };
}
