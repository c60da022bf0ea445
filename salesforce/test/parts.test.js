// The parts that the page has, too, for themselves.
import {
    ago,
    day,
    difference,
    duration,
    figure,
    moment,
    money,
    number,
    period,
    share,
    shortMoney,
    span,
    useLocale,
} from 'c/forcedexFormat';
import ForcedexFacetList from 'c/forcedexFacetList';
import ForcedexFilterChips from 'c/forcedexFilterChips';
import ForcedexHitList from 'c/forcedexHitList';
import ForcedexReportTable from 'c/forcedexReportTable';
import ForcedexSearchBox from 'c/forcedexSearchBox';
import { brief, explained, readable as told, words } from 'c/forcedexHits';
import { Newest } from 'c/forcedexNewest';
import { problemOf } from 'c/forcedexProblems';
import { speaking } from 'c/forcedexSaying';
import { OFFLINE, REFUSED, allInside, failure, hit, inside, later, readable, settled, shown } from './help';

beforeEach(() => useLocale('en_US', 'Europe/Berlin'));

afterEach(() => {
    while (document.body.firstChild) document.body.firstChild.remove();
});

/** What a component fires, in its order. */
function heard(element, ...names) {
    const events = [];
    for (const name of names) element.addEventListener(name, (event) => events.push([name, event.detail]));
    return events;
}

describe('numbers, days and times', () => {
    it.each([
        ['a number', () => number('1234.567'), '1,234.57'],
        ['an amount to the cent', () => money('1234.5', 'EUR'), '€1,234.50'],
        ['an amount without cents', () => money('1234.5', 'USD', 0), '$1,235'],
        ['an amount of no currency', () => money('1234.5', ''), '1,234.50'],
        ['an amount for little room', () => shortMoney('1234567', 'USD'), '$1.2M'],
        ['a share', () => share('0.4567'), '45.7%'],
        ['minutes', () => duration(59), '59 min'],
        ['hours', () => duration(90), '1.5 h'],
        ['days', () => duration(2880), '2 d'],
        ['less than a second', () => span(0.25), '0.25 s'],
        ['some seconds', () => span(12.34), '12.3 s'],
        ['many seconds', () => span(120), '2 min'],
        ['a day', () => day('2026-03-31'), 'Mar 31, 2026'],
        ['no day', () => day('soon'), 'soon'],
        [
            'a moment in the time zone of the user',
            () => moment('2026-01-31T23:30:00Z').replace(/\s/g, ' '),
            'Feb 1, 2026, 12:30 AM',
        ],
        ['no moment', () => moment('soon'), 'soon'],
        ['a moment ago', () => ago('2026-11-24T10:00:00Z', Date.parse('2026-11-24T10:00:05Z')), 'just now'],
        ['minutes ago', () => ago('2026-11-24T10:00:00Z', Date.parse('2026-11-24T10:05:00Z')), '5 minutes ago'],
        ['hours ago', () => ago('2026-11-24T10:00:00Z', Date.parse('2026-11-24T13:00:00Z')), '3 hours ago'],
        ['days ago', () => ago('2026-11-24T10:00:00Z', Date.parse('2026-11-26T10:00:00Z')), '2 days ago'],
        ['at no time', () => ago('never'), ''],
        ['a span of days', () => period('2026-10-01..2026-12-31'), 'Oct 1, 2026 – Dec 31, 2026'],
        ['one day', () => period('2026-10-01'), 'Oct 1, 2026'],
        ['all time', () => period('all'), 'All time'],
        ['no figure', () => figure(null, 'money', { currency: 'USD' }), '–'],
        ['a figure of money', () => figure('10', 'money', { currency: 'USD' }), '$10.00'],
        ['a figure of a share', () => figure('0.5', 'share'), '50.0%'],
        ['a figure of minutes', () => figure('120', 'minutes'), '2 h'],
    ])('writes %s', (_, made, text) => expect(made()).toBe(text));

    it('follows the locale of the user', () => {
        useLocale('de_DE', 'Europe/Berlin');
        expect(number('1234.5')).toBe('1.234,5');
        useLocale('no such locale', 'Nowhere/Never');
        expect(number('1234.5')).toBe('1.234,5');
        expect(moment('2026-01-31T12:00:00Z')).toContain('2026');
    });

    it.each([
        ['more', ['120', '100', 'money'], { text: '+20 %', up: true, down: false }],
        ['less', ['80', '100', 'money'], { text: '-20 %', up: false, down: true }],
        ['a share in points', ['0.5', '0.4', 'share'], { text: '+10 pp', up: true, down: false }],
        ['nothing to compare with', ['80', null, 'money'], null],
        ['more than nothing', ['80', '0', 'money'], null],
    ])('says the difference: %s', (_, [value, old, shows], found) => expect(difference(value, old, shows)).toEqual(found));
});

describe('hits in words', () => {
    it.each([
        ['Billing_City__c', 'Billing City'],
        ['Account.Name', 'Account'],
        ['StageName', 'Stage Name'],
    ])('calls %s “%s”', (path, text) => expect(words(path)).toBe(text));

    it('marks what was found, tells facts, and what was found elsewhere', () => {
        const found = told(
            hit('006A', 'Pumps', {
                fields: { Name: 'Pumps', Amount: '1200', CurrencyIsoCode: 'EUR', CloseDate: '2026-03-31', StageName: '' },
                highlights: {
                    Description: [
                        { text: 'big ', hit: false },
                        { text: 'pumps', hit: true },
                    ],
                },
            }),
        );
        expect(found.title).toEqual([{ text: 'Pumps', hit: false }]);
        expect(found.facts.map((each) => [each.name, each.pieces[0].text])).toEqual([
            ['Amount', '€1,200.00'],
            ['Close Date', 'Mar 31, 2026'],
        ]);
        expect(found.snippets.map((each) => each.name)).toEqual(['Description']);
    });

    it('tells a hit in one line', () => {
        const fields = { Name: 'Pumps', 'Owner.Name': 'Mia', StageName: 'Closed Won', Amount: '10', CurrencyIsoCode: 'USD' };
        expect(brief(hit('006A', 'Pumps', { fields }))).toBe('Closed Won · $10.00');
    });

    it('fills the gaps of a text, and has a word for one', () => {
        const { say, called } = speaking({ found: '{n} hits for {text}', foundOne: '{n} hit', kind_Account: 'Account' }, 'en');
        expect(say('found', { n: 2, nText: '2.0', text: 'a' })).toBe('2.0 hits for a');
        expect(say('found', { n: 1 })).toBe('1 hit');
        expect(say('found')).toBe(' hits for ');
        expect(called('kind', 'Account', 'own')).toBe('Account');
        expect(called('kind', 'Other', 'own')).toBe('own');
    });
});

describe('what failed', () => {
    it.each([
        ['our code', failure('slow'), 'slow'],
        ['the platform refuses', REFUSED, 'no_access'],
        ['no network', OFFLINE, 'unreachable'],
        ['a page of something else', { body: { message: '<html>' } }, 'unavailable'],
        ['JSON that is not ours', { body: { message: '{"a": 1}' } }, 'unavailable'],
        ['JSON that is nothing', { body: { message: 'null' } }, 'unavailable'],
        ['several errors at once', { body: [{ message: 'a' }] }, 'unreachable'],
        ['nothing at all', undefined, 'unreachable'],
    ])('is known from %s', (_, error, code) => expect(problemOf(error).code).toBe(code));

    it('has words even for a code that nobody knows', () => {
        expect(explained({ code: 'odd', message: '', hint: undefined }).heading).not.toBe('');
        expect(explained({ code: 'odd', message: 'Said so.', hint: 'Do that.' })).toEqual({
            heading: 'Said so.',
            hint: 'Do that.',
        });
    });

    it('is forgotten when something newer was begun, or all was stopped', async () => {
        const asking = new Newest();
        const [slow, gone] = [later(), later()];
        let signal;
        const first = asking.run((given) => {
            signal = given;
            return slow.promise;
        });
        expect(await asking.run(() => Promise.resolve('new'))).toBe('new');
        expect(signal.aborted).toBe(true);
        slow.reject(new Error('old'));
        expect(await first).toBeUndefined();
        const stopped = asking.run(() => gone.promise);
        asking.stop();
        gone.resolve('late');
        expect(await stopped).toBeUndefined();
        await expect(asking.run(() => Promise.reject(new Error('now')))).rejects.toThrow('now');
    });
});

describe('the list of hits', () => {
    const HITS = ['001A', '001B', '001C'].map((id) => ({ ...told(hit(id, id)), kind: 'Account', href: `/${id}` }));
    const arrow = (element, key) => {
        const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true });
        element.shadowRoot.activeElement.dispatchEvent(event);
        return event.defaultPrevented;
    };
    const at = (element) => element.shadowRoot.activeElement.dataset.id;

    it('is walked with the arrows, and left above the first', () => {
        const element = shown('c-forcedex-hit-list', ForcedexHitList, { hits: HITS });
        const events = heard(element, 'leave');
        element.focus();
        expect(at(element)).toBe('001A');
        arrow(element, 'ArrowDown');
        arrow(element, 'ArrowDown');
        expect(arrow(element, 'ArrowDown')).toBe(true);
        expect(at(element)).toBe('001C');
        arrow(element, 'ArrowUp');
        expect(at(element)).toBe('001B');
        expect(arrow(element, 'a')).toBe(false);
        arrow(element, 'ArrowUp');
        expect(events).toEqual([]);
        arrow(element, 'ArrowUp');
        expect(events.map(([name]) => name)).toEqual(['leave']);
    });

    it('leaves a click with a key held to the browser, and says so', () => {
        const element = shown('c-forcedex-hit-list', ForcedexHitList, { hits: HITS });
        const events = heard(element, 'open');
        const link = allInside(element, 'a.title')[1];
        // Nothing here can follow a link.
        element.addEventListener('click', (event) => event.preventDefault());
        for (const held of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, {}]) {
            link.dispatchEvent(new MouseEvent('click', { ...held, bubbles: true, composed: true, cancelable: true }));
        }
        expect(events.map(([, { id, rank, elsewhere }]) => [id, rank, elsewhere])).toEqual([
            ['001B', 2, true],
            ['001B', 2, true],
            ['001B', 2, true],
            ['001B', 2, false],
        ]);
    });
});

describe('what narrows', () => {
    it('has a chip for each filter, with a way out and a way back', async () => {
        const filters = [
            { key: 'a', label: 'Amount over 5', off: false },
            { key: 'b', label: 'This year', off: true },
        ];
        const element = shown('c-forcedex-filter-chips', ForcedexFilterChips, { filters });
        const events = heard(element, 'toggle');
        const buttons = allInside(element, 'button');
        expect(buttons.map((each) => each.textContent)).toEqual(['Amount over 5', 'This year']);
        expect(buttons[0].getAttribute('aria-label')).not.toBe(buttons[0].textContent);
        buttons.forEach((each) => each.click());
        expect(events).toEqual([
            ['toggle', { key: 'a' }],
            ['toggle', { key: 'b' }],
        ]);
        await expect(element).toBeAccessible();
        element.filters = [];
        await settled();
        expect(allInside(element, 'ul')).toHaveLength(0);
    });

    it('tells which facet was chosen, and which no longer', async () => {
        const facets = [
            { name: 'owner', label: 'Owner', buckets: [{ value: '005A', label: 'Mia', count: 1200, chosen: false }] },
        ];
        const element = shown('c-forcedex-facet-list', ForcedexFacetList, { facets });
        const events = heard(element, 'choose');
        const input = inside(element, 'input');
        for (const checked of [true, false]) {
            input.checked = checked;
            input.dispatchEvent(new CustomEvent('change'));
        }
        expect(events.map(([, detail]) => detail)).toEqual([
            { facet: 'owner', value: '005A', chosen: true },
            { facet: 'owner', value: '005A', chosen: false },
        ]);
        expect(inside(element, '.count').textContent).toBe('1,200');
        await expect(element).toBeAccessible();
    });
});

describe('the search box', () => {
    const key = (element, name, more = {}) => {
        const input = inside(element, 'input');
        input.dispatchEvent(new KeyboardEvent('keydown', { key: name, cancelable: true, ...more }));
    };

    it('leaves Enter to who writes Chinese, Japanese or Korean', async () => {
        const element = shown('c-forcedex-search-box', ForcedexSearchBox, { value: '客户' });
        const events = heard(element, 'search');
        key(element, 'Enter', { isComposing: true });
        expect(events).toEqual([]);
        key(element, 'Enter');
        expect(events).toEqual([['search', { text: '客户' }]]);
    });

    it('asks for nothing more once it is emptied, searched or gone', async () => {
        jest.useFakeTimers();
        const ends = [(each) => inside(each, 'button.clear').click(), (each) => key(each, 'Enter'), (each) => each.remove()];
        for (const end of ends) {
            const element = shown('c-forcedex-search-box', ForcedexSearchBox);
            const events = heard(element, 'ask');
            const input = inside(element, 'input');
            input.value = 'acme';
            input.dispatchEvent(new CustomEvent('input'));
            await settled();
            end(element);
            jest.advanceTimersByTime(1000);
            expect(events).toEqual([]);
        }
        jest.useRealTimers();
    });

    it('takes a suggestion from the mouse before it loses the focus', async () => {
        const suggestions = [{ id: '001A', object: 'Account', title: [{ text: 'Acme', hit: true }], detail: '', href: '/001A' }];
        const element = shown('c-forcedex-search-box', ForcedexSearchBox, { value: 'acme', suggestions, suggestedFor: 'acme' });
        const events = heard(element, 'open');
        inside(element, 'input').dispatchEvent(new CustomEvent('focus'));
        await settled();
        const pointed = new MouseEvent('mousedown', { cancelable: true });
        allInside(element, '[role="option"]')[1].dispatchEvent(pointed);
        expect(pointed.defaultPrevented).toBe(true);
        expect(events).toEqual([['open', { object: 'Account', id: '001A', href: '/001A' }]]);
    });

    it('offers what was recent while nothing is typed', async () => {
        const recent = {
            searches: ['pumps'],
            records: [{ id: '001A', object: 'Account', title: 'Acme', note: 'Account', href: '/001A' }],
        };
        const element = shown('c-forcedex-search-box', ForcedexSearchBox, { recent });
        const events = heard(element, 'search', 'recall');
        inside(element, 'input').dispatchEvent(new CustomEvent('focus'));
        await settled();
        expect(allInside(element, '[role="option"]').map((each) => readable(each))).toEqual(['pumps', 'Acme Account']);
        await expect(element).toBeAccessible();
        key(element, 'ArrowDown');
        key(element, 'Enter');
        expect(events.map(([name, detail]) => [name, detail?.text])).toEqual([
            ['recall', undefined],
            ['search', 'pumps'],
        ]);
    });
});

describe('the table of a report', () => {
    const REPORT = {
        name: 'win-rate',
        title: 'Win rate',
        by: ['owner'],
        currency: 'USD',
        decimal_places: 2,
        columns: [
            { name: 'rate', label: 'Rate', shows: 'share' },
            { name: 'amount', label: 'Amount', shows: 'money' },
        ],
        rows: [
            {
                key: ['005A'],
                label: 'Mia',
                rate: '0.5',
                amount: '10',
                ratios: { rate: { numerator: 1, denominator: 2 } },
                before: { rate: '0.4', amount: '20' },
            },
            { key: ['005B'], label: null, rate: null, amount: '0', none: { rate: 'No deal was closed.' } },
            { key: [], label: 'Other (2)', rate: '1', amount: '1' },
        ],
        totals: { rate: '0.5', amount: '11' },
    };

    it('opens the records of a row, says why there is no figure, and how it was before', async () => {
        const element = shown('c-forcedex-report-table', ForcedexReportTable, { report: REPORT, open: ['005A'] });
        const events = heard(element, 'drill');
        const buttons = allInside(element, 'button.drill');
        expect(buttons).toHaveLength(2);
        buttons[0].click();
        expect(events).toEqual([['drill', { keys: ['005A'], label: 'Mia' }]]);
        expect(allInside(element, 'td').map((each) => each.title)).toContain('1 ÷ 2');
        expect(allInside(element, 'td').map((each) => each.title)).toContain('No deal was closed.');
        expect(allInside(element, '.change').map((each) => each.textContent)).toEqual(['+10 pp', '-50 %']);
        expect(inside(element, 'tr.open').textContent).toContain('Mia');
        await expect(element).toBeAccessible();
    });
});
