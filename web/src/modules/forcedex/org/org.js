/** What the page knows of the org and of who looks: set once when it opens, kept current by the header. */

let me = null;
let objects = new Map();

/** Who is logged in, as `/me` tells. */
export const person = () => me;

export function usePerson(found) {
    me = found;
}

export function useObjects(found) {
    objects = new Map(found.map((each) => [each.object, each]));
}

/** What one record of an object is called, and many. */
export const kindOf = (object) => objects.get(object)?.label ?? object;
export const kindsOf = (object) => objects.get(object)?.label_plural ?? object;
/** The currency of amounts that do not say theirs. */
export const corporate = () => me?.currency ?? '';
