// Calls of the REST API, made from outside of the browser to lay out what the pages show.

export class Api {
  /** @param {string} url of the server */
  constructor(url) {
    this.url = url;
  }

  get = (path) => this.send('GET', path);
  post = (path, body) => this.send('POST', path, body);

  /** @param {string} path below `mlflow/` in version 2 of the API; with a slash at the beginning, the whole path */
  async send(method, path, body, headers = {}) {
    const answer = await fetch(this.url + (path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  upload = (experiment, run, file, content) =>
    this.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/${experiment}/${run}/artifacts/${file}`, content, { 'content-type': 'application/octet-stream' });
}
