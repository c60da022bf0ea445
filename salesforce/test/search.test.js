import { CurrentPageReference, went } from 'lightning/navigation';
import click from '@salesforce/apex/ForcedexController.click';
import search from '@salesforce/apex/ForcedexController.search';
import suggest from '@salesforce/apex/ForcedexController.suggest';
import ForcedexSearch from 'c/forcedexSearch';
import { FAILURES, SCRIPT, allInside, failure, hit, inside, later, readable, settled, shown } from './help';

jest.mock('@salesforce/apex/ForcedexController.click', () => ({ default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/ForcedexController.search', () => ({ default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/ForcedexController.suggest', () => ({ default: jest.fn() }), { virtual: true });

const PAUSE = 200;
const OBJECTS = { name: 'object', label: 'Kind', buckets: [{ value: 'Account', label: 'Account', count: 2 }] };
const OWNERS = { name: 'owner', label: 'Owner', buckets: [{ value: '005A', label: 'Mia Weidner', count: 2 }] };

const answer = (hits, more = {}) => ({
    hits,
    total: hits.length,
    about: false,
    facets: [OBJECTS, OWNERS],
    filters: [],
    notices: [],
    correction: null,
    relaxed: false,
    cursor: null,
    took_ms: 5,
    search: 7,
    ...more,
});
const suggestion = (id, title) => ({
    id,
    object: 'Account',
    title: [{ text: title, hit: false }],
    detail: 'Energy',
    url: `/${id}`,
});

const box = (element) => inside(element, 'input[role="combobox"]');
const options = (element) => allInside(element, '[role="option"]');
const press = (element, key) => {
    const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true });
    box(element).dispatchEvent(event);
    return settled();
};
const type = (element, text) => {
    const input = box(element);
    input.value = text;
    input.dispatchEvent(new CustomEvent('input'));
    return settled();
};
const pause = async (milliseconds = PAUSE) => {
    jest.advanceTimersByTime(milliseconds);
    await settled();
};
const asked = () => search.mock.calls.map(([{ question }]) => JSON.parse(question));

// Axe waits with timers of its own.
const accessible = async (element) => {
    jest.useRealTimers();
    await expect(element).toBeAccessible();
    jest.useFakeTimers();
};

const choose = (element, facet, chosen) => {
    const input = inside(element, `input[data-facet="${facet}"]`);
    input.checked = chosen;
    input.dispatchEvent(new CustomEvent('change'));
    return settled();
};

/** A component in which somebody has searched. */
async function searched(text, found) {
    if (found instanceof Promise) search.mockReturnValueOnce(found);
    else if (found?.hits) search.mockResolvedValueOnce(found);
    else search.mockRejectedValueOnce(found);
    const element = shown('c-forcedex-search', ForcedexSearch);
    box(element).dispatchEvent(new CustomEvent('focus'));
    await type(element, text);
    await press(element, 'Enter');
    return element;
}

beforeEach(() => {
    jest.useFakeTimers();
    jest.clearAllMocks();
    suggest.mockResolvedValue({ suggestions: [] });
    click.mockResolvedValue();
    went.length = 0;
    delete window.ran;
});

afterEach(() => {
    while (document.body.firstChild) document.body.firstChild.remove();
    jest.useRealTimers();
});

describe('typing', () => {
    it('asks once for a burst of keys, 200 ms after the last', async () => {
        const element = shown('c-forcedex-search', ForcedexSearch);
        for (const text of ['ac', 'acm', 'acme']) {
            // Key by key, as one types.
            await type(element, text);
            await pause(PAUSE - 1);
        }
        expect(suggest).not.toHaveBeenCalled();
        await pause(1);
        expect(suggest.mock.calls).toEqual([[{ text: 'acme' }]]);
        expect(search).not.toHaveBeenCalled();
    });

    it('asks for nothing while there is one letter', async () => {
        const element = shown('c-forcedex-search', ForcedexSearch);
        await type(element, 'a');
        await pause();
        expect(suggest).not.toHaveBeenCalled();
    });

    it('shows what is suggested, and opens it with the keyboard alone', async () => {
        suggest.mockResolvedValue({ suggestions: [suggestion('001A', 'Acme'), suggestion('001B', 'Acme Berlin')] });
        const element = shown('c-forcedex-search', ForcedexSearch);
        box(element).dispatchEvent(new CustomEvent('focus'));
        await type(element, 'acm');
        await pause();
        expect(box(element).getAttribute('aria-expanded')).toBe('true');
        expect(options(element)).toHaveLength(3);
        expect(readable(element)).toContain('2 suggestions');
        await press(element, 'ArrowDown');
        await press(element, 'ArrowDown');
        const chosen = options(element)[1];
        expect(chosen.getAttribute('aria-selected')).toBe('true');
        expect(box(element).getAttribute('aria-activedescendant')).toBe(chosen.id);
        await accessible(element);
        await press(element, 'Enter');
        expect(went).toEqual([
            { type: 'standard__recordPage', attributes: { recordId: '001A', objectApiName: 'Account', actionName: 'view' } },
        ]);
        expect(search).not.toHaveBeenCalled();
    });

    it('goes round with the arrows, closes with Escape, and empties with the next', async () => {
        suggest.mockResolvedValue({ suggestions: [suggestion('001A', 'Acme')] });
        const element = shown('c-forcedex-search', ForcedexSearch);
        box(element).dispatchEvent(new CustomEvent('focus'));
        await type(element, 'acm');
        await pause();
        await press(element, 'ArrowUp');
        expect(options(element)[1].getAttribute('aria-selected')).toBe('true');
        await press(element, 'ArrowDown');
        expect(options(element)[0].getAttribute('aria-selected')).toBe('true');
        await press(element, 'Escape');
        expect(box(element).getAttribute('aria-expanded')).toBe('false');
        expect(box(element).value).toBe('acm');
        await press(element, 'Escape');
        expect(box(element).value).toBe('');
    });

    it('never shows suggestions for what was typed before', async () => {
        const [slow, quick] = [later(), later()];
        suggest.mockReturnValueOnce(slow.promise).mockReturnValueOnce(quick.promise);
        const element = shown('c-forcedex-search', ForcedexSearch);
        box(element).dispatchEvent(new CustomEvent('focus'));
        await type(element, 'acm');
        await pause();
        await type(element, 'zeb');
        await pause();
        quick.resolve({ suggestions: [suggestion('001Z', 'Zebra')] });
        await settled();
        slow.resolve({ suggestions: [suggestion('001A', 'Acme')] });
        await settled();
        expect(readable(element)).toContain('Zebra');
        expect(readable(element)).not.toContain('Acme');
    });

    it('goes on when suggestions fail', async () => {
        suggest.mockRejectedValue(failure('unavailable'));
        const element = shown('c-forcedex-search', ForcedexSearch);
        await type(element, 'acm');
        await pause();
        expect(inside(element, '[role="alert"]')).toBeNull();
        expect(box(element).disabled).toBe(false);
    });
});

describe('searching', () => {
    it('shows hits with what was found, their kind and how many there are', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme GmbH'), hit('001B', 'Acme Inc')]));
        expect(asked()).toEqual([expect.objectContaining({ text: 'acme', size: 10, sort: 'relevance' })]);
        expect(readable(element)).toContain('2 results');
        expect(allInside(element, 'mark').map((each) => each.textContent)).toEqual(['Acme GmbH', 'Acme Inc']);
        expect(readable(element)).toContain('Energy');
        await accessible(element);
    });

    it('says that a number is not exact when Salesforce did not show every hit', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')], { total: 40, about: true }));
        expect(readable(element)).toContain('About 40 results');
    });

    it('tells the service what was opened, and opens it', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme'), hit('001B', 'Acme Inc')]));
        allInside(element, 'a.title')[1].click();
        await settled();
        expect(click.mock.calls).toEqual([[{ search: 7, recordId: '001B', rank: 2 }]]);
        expect(went[0].attributes.recordId).toBe('001B');
    });

    it('opens a hit even if nobody can be told', async () => {
        click.mockRejectedValue(failure('unavailable'));
        const element = await searched('acme', answer([hit('001A', 'Acme')]));
        inside(element, 'a.title').click();
        await settled();
        expect(went).toHaveLength(1);
        expect(inside(element, '[role="alert"]')).toBeNull();
    });

    it('narrows by a facet, and says so when nothing is left', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')]));
        search.mockResolvedValueOnce(answer([]));
        const owner = inside(element, 'input[data-facet="owner"]');
        owner.checked = true;
        owner.dispatchEvent(new CustomEvent('change'));
        await settled();
        expect(asked()[1].facets).toEqual({ owner: ['005A'] });
        expect(readable(element)).toContain('Nothing was found for “acme”');
        await accessible(element);
        search.mockResolvedValueOnce(answer([hit('001A', 'Acme')]));
        inside(element, 'button.widen').click();
        await settled();
        expect(asked()[2].facets).toEqual({});
        expect(allInside(element, 'a.title')).toHaveLength(1);
    });

    it('brings more, none of it twice', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')], { total: 3, cursor: 'sealed' }));
        search.mockResolvedValueOnce(answer([hit('001A', 'Acme'), hit('001B', 'Acme Inc')], { total: 3 }));
        inside(element, 'button.more').click();
        await settled();
        expect(asked()[1]).toEqual(expect.objectContaining({ cursor: 'sealed', counts: false }));
        expect(allInside(element, 'a.title')).toHaveLength(2);
        expect(inside(element, 'button.more')).toBeNull();
    });

    it('tells of a correction, with the way back', async () => {
        const found = answer([hit('001A', 'Acme')], { correction: { text: 'acme', instead_of: 'amce' } });
        const element = await searched('amce', found);
        search.mockResolvedValueOnce(answer([]));
        inside(element, '.correction button').click();
        await settled();
        expect(asked()[1]).toEqual(expect.objectContaining({ text: 'amce', verbatim: true }));
    });

    it('never replaces a newer answer by an older one', async () => {
        const [slow, quick] = [later(), later()];
        const element = await searched('slow', slow.promise);
        search.mockReturnValueOnce(quick.promise);
        await type(element, 'quick');
        await press(element, 'Enter');
        quick.resolve(answer([hit('001Q', 'Quick')]));
        await settled();
        slow.resolve(answer([hit('001S', 'Slow')]));
        await settled();
        expect(readable(element)).toContain('Quick');
        expect(readable(element)).not.toContain('Slow');
    });

    it('never replaces a newer answer by an older failure', async () => {
        const [slow, quick] = [later(), later()];
        const element = await searched('slow', slow.promise);
        search.mockReturnValueOnce(quick.promise);
        await type(element, 'quick');
        await press(element, 'Enter');
        quick.resolve(answer([hit('001Q', 'Quick')]));
        await settled();
        slow.reject(failure('unavailable'));
        await settled();
        expect(readable(element)).toContain('Quick');
        expect(inside(element, '[role="alert"]')).toBeNull();
    });

    it('orders by what was chosen, and keeps the order when it is narrowed', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')]));
        search.mockResolvedValue(answer([hit('001A', 'Acme')]));
        const sorts = inside(element, 'select');
        sorts.value = 'modified';
        sorts.dispatchEvent(new CustomEvent('change'));
        await settled();
        await choose(element, 'object', true);
        await choose(element, 'owner', true);
        await choose(element, 'owner', false);
        expect(asked().map(({ sort, objects, facets }) => [sort, objects, facets])).toEqual([
            ['relevance', [], {}],
            ['modified', [], {}],
            ['modified', ['Account'], {}],
            ['modified', ['Account'], { owner: ['005A'] }],
            ['modified', ['Account'], {}],
        ]);
    });

    it('turns an understood filter off, and on again', async () => {
        const filters = [{ key: 'f1', label: 'Amount over 5' }];
        const element = await searched('acme over 5', answer([hit('001A', 'Acme')], { filters }));
        search.mockResolvedValueOnce(answer([hit('001B', 'Other')])).mockResolvedValueOnce(answer([], { filters }));
        inside(element, 'button.chip').click();
        await settled();
        expect(inside(element, 'button.chip').className).toContain('off');
        await accessible(element);
        inside(element, 'button.chip').click();
        await settled();
        expect(asked().map(({ off }) => off)).toEqual([[], ['f1'], []]);
        search.mockResolvedValueOnce(answer([hit('001Z', 'Zebra')]));
        await type(element, 'zebra');
        await press(element, 'Enter');
        expect(inside(element, 'button.chip')).toBeNull();
    });

    it('forgets filters that are off when something else is searched for', async () => {
        const element = await searched(
            'acme over 5',
            answer([hit('001A', 'Acme')], { filters: [{ key: 'f1', label: 'Over 5' }] }),
        );
        search.mockResolvedValueOnce(answer([hit('001B', 'Other')]));
        inside(element, 'button.chip').click();
        await settled();
        const slow = later();
        search.mockReturnValueOnce(slow.promise);
        await type(element, 'zebra');
        await press(element, 'Enter');
        expect(inside(element, 'button.chip')).toBeNull();
    });

    it('says that it narrows where there is little room', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')]));
        element.flexipageRegionWidth = 'SMALL';
        await settled();
        const side = inside(element, 'aside');
        const button = inside(element, 'button[aria-expanded]');
        expect([side.className.includes('slds-hide'), button.getAttribute('aria-expanded')]).toEqual([true, 'false']);
        button.click();
        await settled();
        expect([side.className.includes('slds-hide'), button.getAttribute('aria-expanded')]).toEqual([false, 'true']);
        await accessible(element);
    });

    it('leads from the box to the hits and back with the keyboard', async () => {
        const element = await searched(
            'acme',
            answer([hit('001A', 'Acme')], { notices: ['Not all was searched.'], relaxed: true }),
        );
        expect(readable(element)).toContain('Not all was searched.');
        const list = inside(element, 'c-forcedex-hit-list');
        list.focus();
        const up = new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, composed: true, cancelable: true });
        list.shadowRoot.activeElement.dispatchEvent(up);
        expect(inside(element, 'c-forcedex-search-box').shadowRoot.activeElement).toBe(box(element));
    });

    it('leaves a hit that is opened elsewhere to the browser, and tells the service', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')]));
        element.addEventListener('click', (event) => event.preventDefault());
        inside(element, 'a.title').dispatchEvent(
            new MouseEvent('click', { ctrlKey: true, bubbles: true, composed: true, cancelable: true }),
        );
        await settled();
        expect(click).toHaveBeenCalledTimes(1);
        expect(went).toEqual([]);
    });

    it.each([
        ['no number', 'many', 10],
        ['none', 0, 10],
        ['too many', 500, 50],
        ['less than one', -3, 1],
        ['a fraction', '7.9', 7],
    ])('asks for a number of hits that there can be: %s', async (_, given, size) => {
        const element = shown('c-forcedex-search', ForcedexSearch, { pageSize: given });
        search.mockResolvedValueOnce(answer([]));
        await type(element, 'acme');
        await press(element, 'Enter');
        expect(asked()[0].size).toBe(size);
    });

    it('says “about” as soon as one page left hits out, and asks for each page once', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')], { total: 30, cursor: 'sealed' }));
        const slow = later();
        search.mockReturnValueOnce(slow.promise);
        const button = inside(element, 'button.more');
        button.click();
        button.click();
        await settled();
        expect(search).toHaveBeenCalledTimes(2);
        slow.resolve(answer([hit('001B', 'Acme Inc')], { total: 29, about: true, cursor: 'next' }));
        await settled();
        expect(readable(element)).toContain('About 30 results');
        expect(inside(element, 'button.more').disabled).toBe(false);
    });

    it('shows nothing of what comes after it was emptied', async () => {
        const [slow, suggested] = [later(), later()];
        const element = await searched('acme', slow.promise);
        suggest.mockReturnValueOnce(suggested.promise);
        await type(element, 'acme gmbh');
        await pause();
        inside(element, 'button.clear').click();
        await settled();
        slow.resolve(answer([hit('001A', 'Acme')]));
        suggested.resolve({ suggestions: [suggestion('001S', 'Suggested')] });
        await settled();
        expect(readable(element)).not.toContain('Acme');
        expect(readable(element)).not.toContain('Suggested');
        expect(inside(element, '.slds-spinner')).toBeNull();
    });

    it('goes on with an answer that it did not wait for, once it is on the page again', async () => {
        const slow = later();
        const element = await searched('acme', slow.promise);
        element.remove();
        await settled();
        search.mockResolvedValueOnce(answer([hit('001A', 'Acme')]));
        document.body.appendChild(element);
        await settled();
        expect(asked().map(({ text }) => text)).toEqual(['acme', 'acme']);
        expect(inside(element, '.slds-spinner')).toBeNull();
        expect(allInside(element, 'a.title')).toHaveLength(1);
        element.remove();
        document.body.appendChild(element);
        await settled();
        expect(search).toHaveBeenCalledTimes(2);
    });

    it('takes no suggestion that comes when it has searched already', async () => {
        const slow = later();
        suggest.mockReturnValueOnce(slow.promise);
        const element = shown('c-forcedex-search', ForcedexSearch);
        box(element).dispatchEvent(new CustomEvent('focus'));
        await type(element, 'acme');
        await pause();
        search.mockResolvedValueOnce(answer([hit('001A', 'Acme')]));
        await press(element, 'Enter');
        slow.resolve({ suggestions: [suggestion('001S', 'Suggested')] });
        box(element).dispatchEvent(new CustomEvent('focus'));
        await settled();
        expect(readable(element)).not.toContain('Suggested');
    });

    it('names the search in the address where that is ours, and searches once', async () => {
        const element = shown('c-forcedex-search', ForcedexSearch);
        const page = { attributes: { componentName: 'c__forcedexSearch' }, state: { c__other: '1' } };
        CurrentPageReference.emit(page);
        search.mockResolvedValue(answer([hit('001A', 'Acme')]));
        await type(element, 'acme');
        await press(element, 'Enter');
        expect(went.map((each) => each.state)).toEqual([{ c__other: '1', c__q: 'acme' }]);
        CurrentPageReference.emit({ ...page, state: went[0].state });
        await settled();
        expect(search).toHaveBeenCalledTimes(1);
    });

    it('searches for what the address says', async () => {
        search.mockResolvedValueOnce(answer([hit('001A', 'Acme')]));
        const element = shown('c-forcedex-search', ForcedexSearch);
        CurrentPageReference.emit({ attributes: { componentName: 'c__forcedexSearch' }, state: { c__q: 'acme' } });
        await settled();
        expect(asked()[0].text).toBe('acme');
        expect(box(element).value).toBe('acme');
        expect(readable(element)).toContain('1 result');
    });
});

describe('what goes wrong', () => {
    it.each(FAILURES)('says it when %s, shows nothing old, and works again', async (_, error, words) => {
        const element = await searched('acme', answer([hit('001A', 'Acme')]));
        search.mockRejectedValueOnce(error);
        await type(element, 'zebra');
        await press(element, 'Enter');
        expect(inside(element, '[role="alert"]').heading).toBe(words);
        expect(readable(element)).toContain(words);
        expect(readable(element)).not.toContain('Acme');
        expect(box(element).disabled).toBe(false);
        await accessible(element);
        search.mockResolvedValueOnce(answer([hit('001Z', 'Zebra')]));
        inside(inside(element, '[role="alert"]'), 'button').click();
        await settled();
        expect(readable(element)).toContain('Zebra');
        expect(inside(element, '[role="alert"]')).toBeNull();
    });

    it('refuses ten thousand characters in words, without asking', async () => {
        const element = shown('c-forcedex-search', ForcedexSearch);
        CurrentPageReference.emit({ attributes: {}, state: { c__q: 'x'.repeat(10_000) } });
        await settled();
        expect(search).not.toHaveBeenCalled();
        expect(readable(element)).toContain('That is too long to search for');
    });

    it('shows no older answer over that words are too many', async () => {
        const slow = later();
        const element = await searched('acme', slow.promise);
        CurrentPageReference.emit({ attributes: {}, state: { c__q: 'x'.repeat(10_000) } });
        await settled();
        slow.resolve(answer([hit('001A', 'Acme')]));
        await settled();
        expect(readable(element)).toContain('That is too long to search for');
        expect(readable(element)).not.toContain('Acme');
        await accessible(element);
        search.mockResolvedValueOnce(answer([hit('001Z', 'Zebra')]));
        await type(element, 'zebra');
        await press(element, 'Enter');
        expect(readable(element)).toContain('Zebra');
        expect(inside(element, '[role="alert"]')).toBeNull();
    });

    it('takes ten thousand characters from nobody who types', async () => {
        const element = shown('c-forcedex-search', ForcedexSearch);
        expect(box(element).maxLength).toBe(1000);
        await type(element, 'x'.repeat(10_000));
        await press(element, 'Enter');
        await pause();
        expect([search.mock.calls, suggest.mock.calls]).toEqual([[], []]);
        expect(readable(element)).toContain('That is too long to search for');
    });

    it('shows nothing of what it had when more of it fails', async () => {
        const element = await searched('acme', answer([hit('001A', 'Acme')], { cursor: 'sealed' }));
        search.mockRejectedValueOnce(failure('slow'));
        inside(element, 'button.more').click();
        await settled();
        expect(readable(element)).toContain('The search takes too long');
        expect(allInside(element, 'a.title')).toHaveLength(0);
        search.mockResolvedValueOnce(answer([hit('001A', 'Acme')], { cursor: 'sealed' }));
        inside(inside(element, '[role="alert"]'), 'button').click();
        await settled();
        expect(inside(element, 'button.more').disabled).toBe(false);
    });

    it('shows no suggestion that it had when the next ones fail', async () => {
        suggest.mockResolvedValueOnce({ suggestions: [suggestion('001A', 'Acme')] }).mockRejectedValueOnce(failure('no_access'));
        const element = shown('c-forcedex-search', ForcedexSearch);
        box(element).dispatchEvent(new CustomEvent('focus'));
        await type(element, 'ac');
        await pause();
        expect(options(element)).toHaveLength(2);
        await type(element, 'acm');
        await pause();
        expect(options(element)).toHaveLength(1);
    });

    it('shows scripts in records as text', async () => {
        const bad = hit('001X', SCRIPT, { fields: { Name: SCRIPT, Industry: SCRIPT } });
        suggest.mockResolvedValue({ suggestions: [suggestion('001X', SCRIPT)] });
        const element = await searched('img', answer([bad], { notices: [SCRIPT] }));
        await type(element, 'imgs');
        await pause();
        expect(readable(element)).toContain('<script>');
        expect(allInside(element, 'script, img')).toHaveLength(0);
        expect(window.ran).toBeUndefined();
    });
});

describe('before anything is asked', () => {
    it('says what can be done here', async () => {
        const element = shown('c-forcedex-search', ForcedexSearch);
        await settled();
        expect(readable(element)).not.toBe('');
        expect(search).not.toHaveBeenCalled();
        await accessible(element);
    });

    it('says that it works while it does', async () => {
        const element = await searched('acme', later().promise);
        expect(inside(element, '.slds-spinner')).not.toBeNull();
        await accessible(element);
    });
});
