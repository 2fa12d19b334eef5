// The packages run on Bun and import its SQL client when they load. With a connection
// string they use node-postgres, so that the client is never called: a class by its name
// is all that Node needs to load them unmodified.
import { register } from 'node:module';

const stub = 'data:text/javascript,export class SQL {}; export default { SQL }';

const hook = `
export async function resolve(specifier, context, next) {
  if (specifier === 'bun') return { url: ${JSON.stringify(stub)}, shortCircuit: true };
  return next(specifier, context);
}`;

register('data:text/javascript,' + encodeURIComponent(hook));
