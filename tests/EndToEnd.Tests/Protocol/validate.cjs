// Validates messages of an app-server against the JSON schemas codex prints.
// stdin: {"ajv": folder of the ajv package, "schemas": folder, "checks": [{"file", "method"?, "message"}]}; stdout: an array of sentences.
const fs = require('fs');
const path = require('path');

const job = JSON.parse(fs.readFileSync(0, 'utf8'));
const Ajv = require(job.ajv).default;
// Formats such as uint32 are codex's own, and unknown members are allowed everywhere: only the structure is checked.
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const compiled = new Map();

function find(file) {
  const direct = [file, path.join('v2', file), path.join('v1', file)].map(name => path.join(job.schemas, name));
  const found = direct.find(name => fs.existsSync(name));
  return found ? JSON.parse(fs.readFileSync(found, 'utf8')) : undefined;
}

// Of the many alternatives of a message the one with its method: an error then names the member, not all alternatives.
function validator(file, method) {
  const key = `${file} ${method ?? ''}`;
  if (!compiled.has(key)) {
    const schema = find(file);
    const branch = method === undefined ? schema : schema?.oneOf.find(one => one.properties.method.enum.includes(method));
    compiled.set(key, branch === undefined ? undefined : ajv.compile({ ...branch, definitions: schema.definitions }));
  }
  return compiled.get(key);
}

const problems = [];
for (const { file, method, message } of job.checks) {
  const validate = validator(file, method);
  if (validate === undefined)
    problems.push(`${file} knows no ${method ?? 'such message'}`);
  else if (!validate(message))
    for (const error of validate.errors)
      problems.push(`${method ?? file}: ${error.instancePath || '/'} ${error.message} (${JSON.stringify(error.params)})`);
}

fs.writeFileSync(1, JSON.stringify([...new Set(problems)]));
