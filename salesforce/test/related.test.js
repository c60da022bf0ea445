import { went } from 'lightning/navigation';
import related from '@salesforce/apex/ForcedexController.related';
import ForcedexRelated from 'c/forcedexRelated';
import { FAILURES, SCRIPT, allInside, hit, inside, later, readable, settled, shown } from './help';

jest.mock('@salesforce/apex/ForcedexController.related', () => ({ default: jest.fn() }), { virtual: true });

const part = (hits, more = {}) => ({ hits, counts: {}, total: hits.length, about: false, ...more });
const ACCOUNT = { recordId: '001A', objectApiName: 'Account' };

beforeEach(() => {
    related.mockReset();
    went.length = 0;
    delete window.ran;
});

afterEach(() => {
    while (document.body.firstChild) document.body.firstChild.remove();
});

it('shows duplicates first, then open deals and cases, then similar records', async () => {
    related.mockImplementation(({ kind }) => Promise.resolve(part([hit(`001${kind}`, `A ${kind}`)], { total: 12, about: true })));
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    expect(allInside(element, 'h3').map((each) => each.textContent.replace(/\s+/g, ' ').trim())).toEqual([
        'Likely duplicates about 12',
        'Open deals and cases about 12',
        'Similar records about 12',
    ]);
    expect(related.mock.calls.map(([{ kind, size }]) => [kind, size])).toEqual([
        ['duplicates', 5],
        ['open', 5],
        ['similar', 5],
    ]);
    await expect(element).toBeAccessible();
});

it('asks for no deals of what is no account', async () => {
    related.mockResolvedValue(part([]));
    shown('c-forcedex-related', ForcedexRelated, { recordId: '003A', objectApiName: 'Contact' });
    await settled();
    expect(related.mock.calls.map(([{ kind }]) => kind)).toEqual(['duplicates', 'similar']);
});

it('says that there is nothing', async () => {
    related.mockResolvedValue(part([]));
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    expect(inside(element, '.alone').textContent).not.toBe('');
    await expect(element).toBeAccessible();
});

it('opens a record', async () => {
    related.mockResolvedValue(part([hit('001B', 'Acme Inc')]));
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    inside(element, 'a').click();
    expect(went[0].attributes.recordId).toBe('001B');
});

it('never shows what is around the record that one has left', async () => {
    const slow = later();
    related.mockReturnValue(slow.promise);
    const element = shown('c-forcedex-related', ForcedexRelated, { recordId: '003A', objectApiName: 'Contact' });
    related.mockResolvedValue(part([hit('001N', 'New')]));
    element.recordId = '003B';
    await settled();
    slow.resolve(part([hit('001O', 'Old')]));
    await settled();
    expect(readable(element)).toContain('New');
    expect(readable(element)).not.toContain('Old');
});

it('shows nothing of a record once there is none', async () => {
    const slow = later();
    related.mockReturnValue(slow.promise);
    const element = shown('c-forcedex-related', ForcedexRelated, { recordId: '003A', objectApiName: 'Contact' });
    element.recordId = undefined;
    slow.resolve(part([hit('001O', 'Old')]));
    await settled();
    expect(readable(element)).not.toContain('Old');
    expect(inside(element, '.slds-spinner')).toBeNull();
});

it('asks anew for another record, and for the kinds of its object', async () => {
    related.mockResolvedValue(part([]));
    const element = shown('c-forcedex-related', ForcedexRelated, { recordId: '003A', objectApiName: 'Contact' });
    await settled();
    related.mockClear();
    element.recordId = '001A';
    element.objectApiName = 'Account';
    element.objectApiName = 'Account';
    await settled();
    expect(related.mock.calls.map(([{ recordId, kind }]) => [recordId, kind])).toEqual([
        ['001A', 'duplicates'],
        ['001A', 'open'],
        ['001A', 'similar'],
    ]);
});

it('asks for nothing while it is not on the page', async () => {
    related.mockResolvedValue(part([]));
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    element.remove();
    related.mockClear();
    element.recordId = '001B';
    await settled();
    expect(related).not.toHaveBeenCalled();
});

it.each([
    ['no number', 'many', 5],
    ['too many', 500, 50],
    ['less than one', -3, 1],
])('asks for a number of records that there can be: %s', async (_, given, size) => {
    related.mockResolvedValue(part([]));
    shown('c-forcedex-related', ForcedexRelated, { ...ACCOUNT, size: given });
    await settled();
    expect(related.mock.calls.map(([each]) => each.size)).toEqual([size, size, size]);
});

it('leaves a record that is opened elsewhere to the browser', async () => {
    related.mockResolvedValue(part([hit('001B', 'Acme Inc')]));
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    element.addEventListener('click', (event) => event.preventDefault());
    inside(element, 'a').dispatchEvent(
        new MouseEvent('click', { metaKey: true, bubbles: true, composed: true, cancelable: true }),
    );
    expect(went).toEqual([]);
});

it('says that it works while it does', async () => {
    related.mockReturnValue(later().promise);
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    expect(readable(inside(element, '[role="status"]'))).toBe('Loading …');
    await expect(element).toBeAccessible();
});

it.each(FAILURES)('says it when %s, and works again', async (_, error, words) => {
    related.mockRejectedValue(error);
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    expect(readable(inside(element, '[role="alert"]'))).toContain(words);
    await expect(element).toBeAccessible();
    related.mockResolvedValue(part([hit('001B', 'Acme Inc')]));
    inside(inside(element, '[role="alert"]'), 'button').click();
    await settled();
    expect(readable(element)).toContain('Acme Inc');
    expect(inside(element, '[role="alert"]')).toBeNull();
});

it('shows scripts in records as text', async () => {
    related.mockResolvedValue(part([hit('001X', SCRIPT, { fields: { Name: SCRIPT, Industry: SCRIPT } })]));
    const element = shown('c-forcedex-related', ForcedexRelated, ACCOUNT);
    await settled();
    expect(readable(element)).toContain('<script>');
    expect(allInside(element, 'script, img')).toHaveLength(0);
    expect(window.ran).toBeUndefined();
});
