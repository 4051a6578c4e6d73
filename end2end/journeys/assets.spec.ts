import { expect, test } from "../support/test.ts";

test("script, module and styles carry their hash in the name and are kept for ever", async ({ page, hub }) => {
  const loaded: string[] = [];
  page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (path.startsWith("/pkg/")) loaded.push(path);
  });
  await page.goto("/sign-in", { waitUntil: "networkidle" });
  for (const extension of ["js", "wasm", "css"]) {
    const path = loaded.find((path) => new RegExp(`^/pkg/patchbay(-[a-z]+)?\\.[0-9a-f]{16}\\.${extension}$`).test(path));
    expect(path, `the page's ${extension} among ${loaded}`).toBeTruthy();
    const response = await fetch(hub.url + path, { headers: { "accept-encoding": "br" } });
    expect(response.headers.get("content-encoding")).toBe("br");
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  }
});

test("what the manifest does not name is not served", async ({ hub }) => {
  for (const path of ["/pkg/manifest.tsv", "/manifest.tsv", "/pkg/..%2fmanifest.tsv"]) {
    const response = await fetch(hub.url + path, { redirect: "manual" });
    expect([303, 404], path).toContain(response.status);
  }
});
