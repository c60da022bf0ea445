import report from '@salesforce/apex/ForcedexController.report';
import ForcedexReport from 'c/forcedexReport';
import { FAILURES, SCRIPT, allInside, inside, later, readable, settled, shown } from './help';

jest.mock('@salesforce/apex/ForcedexController.report', () => ({ default: jest.fn() }), { virtual: true });

const row = (label, amount, count) => ({ key: [label], label, amount, count });
const answer = (rows, more = {}) => ({
    name: 'closed-won',
    title: 'Closed won',
    period: '2026-10-01..2026-12-31',
    currency: 'USD',
    decimal_places: 2,
    by: 'owner',
    columns: [
        { name: 'amount', label: 'Amount', shows: 'money' },
        { name: 'count', label: 'Deals', shows: 'count' },
    ],
    rows,
    totals: { amount: '1500.25', count: 3 },
    ...more,
});
const ROWS = [row('Mia Weidner', '1000.25', 2), row('Jonas Falk', '500.00', 1)];
const question = (call) => JSON.parse(report.mock.calls[call][0].question);

beforeEach(() => {
    report.mockReset();
    delete window.ran;
});

afterEach(() => {
    while (document.body.firstChild) document.body.firstChild.remove();
});

it('shows the figure with its unit and its period, and a bar for each row', async () => {
    report.mockResolvedValue(answer(ROWS));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won', groupBy: 'owner, account', top: 5 });
    await settled();
    expect(inside(element, '.total').textContent).toBe('$1,500');
    expect(inside(element, '.total').title).toBe('$1,500.25');
    expect(readable(element)).toContain('Mia Weidner');
    expect(allInside(element, '.slds-progress-bar__value').map((each) => each.style.width)).toEqual(['100%', '50%']);
    expect(question(0)).toEqual({ by: ['owner', 'account'], period: '', top: 5, filters: [] });
    await expect(element).toBeAccessible();
});

it('draws no bar for what stands for many rows, and puts it last', async () => {
    report.mockResolvedValue(answer([{ key: [], label: 'Other (19)', amount: '9000.00', count: 40 }, ...ROWS]));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    expect(allInside(element, 'li span.slds-truncate').map((each) => each.textContent)).toEqual([
        'Mia Weidner',
        'Jonas Falk',
        'Other (19)',
    ]);
    expect(allInside(element, '.slds-progress-bar__value').map((each) => each.style.width)).toEqual(['100%', '50%']);
});

it('shows a table when that is wanted', async () => {
    report.mockResolvedValue(answer(ROWS));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won', view: 'table' });
    await settled();
    expect(allInside(element, 'table')).toHaveLength(1);
    expect(allInside(element, '.slds-progress-bar__value')).toHaveLength(0);
    await expect(element).toBeAccessible();
});

it('keeps to the record whose page it is on', async () => {
    report.mockResolvedValue(answer([]));
    shown('c-forcedex-report', ForcedexReport, { report: 'closed-won', recordField: 'AccountId', recordId: '001A' });
    await settled();
    expect(question(0).filters).toEqual(['AccountId=001A']);
});

it('says that nothing fits', async () => {
    report.mockResolvedValue(answer([]));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    expect(readable(element)).toContain('Nothing fits this report in its period.');
    await expect(element).toBeAccessible();
});

it('says how it was before', async () => {
    const totals = { amount: '1500.25', count: 3, before: { amount: '1000.00', count: 2 } };
    report.mockResolvedValue(answer(ROWS, { totals, compared_with: '2025-10-01..2025-12-31' }));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    expect(inside(element, '.change').className).toContain('slds-text-color_success');
});

it('never replaces a newer answer by an older one', async () => {
    const slow = later();
    report.mockReturnValueOnce(slow.promise).mockResolvedValueOnce(answer([row('New', '1.00', 1)]));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    inside(element, 'button').disabled = false;
    inside(element, 'button').click();
    await settled();
    slow.resolve(answer([row('Old', '2.00', 1)]));
    await settled();
    expect(readable(element)).toContain('New');
    expect(readable(element)).not.toContain('Old');
});

it('shows a figure alone, of the column that is asked for', async () => {
    report.mockResolvedValue(answer(ROWS));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won', view: 'figure', figure: 'count' });
    await settled();
    expect(inside(element, '.total').textContent).toBe('3');
    expect(allInside(element, 'table, c-forcedex-bars')).toHaveLength(0);
    await expect(element).toBeAccessible();
});

it('says that it works while it does', async () => {
    report.mockReturnValue(later().promise);
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    expect(readable(inside(element, '[role="status"]'))).toBe('Loading …');
    await expect(element).toBeAccessible();
});

it('never shows the numbers of the record that one has left', async () => {
    const slow = later();
    report.mockResolvedValueOnce(answer([row('Old', '1.00', 1)])).mockReturnValueOnce(slow.promise);
    const element = shown('c-forcedex-report', ForcedexReport, {
        report: 'closed-won',
        recordField: 'AccountId',
        recordId: '001A',
    });
    await settled();
    element.recordId = '001B';
    await settled();
    expect(question(1).filters).toEqual(['AccountId=001B']);
    expect(readable(element)).not.toContain('Old');
    slow.resolve(answer([row('New', '1.00', 1)]));
    await settled();
    expect(readable(element)).toContain('New');
});

it('never shows the numbers of all for those of a record', async () => {
    report.mockResolvedValue(answer(ROWS));
    const given = { report: 'closed-won', recordField: 'AccountId', recordId: '001A' };
    const element = shown('c-forcedex-report', ForcedexReport, given);
    await settled();
    element.recordId = undefined;
    await settled();
    expect(report).toHaveBeenCalledTimes(1);
    expect(readable(element)).not.toContain('Mia Weidner');
});

it('asks once for what is the same for every record', async () => {
    report.mockResolvedValue(answer(ROWS));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won', recordId: '001A' });
    await settled();
    element.recordId = '001B';
    await settled();
    expect(report).toHaveBeenCalledTimes(1);
});

it('forgets what it shows, and what it waits for, when its report is none', async () => {
    const slow = later();
    report.mockResolvedValueOnce(answer(ROWS)).mockReturnValueOnce(slow.promise);
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    inside(element, 'button').click();
    await settled();
    element.report = 'none of ours';
    inside(element, 'button').disabled = false;
    inside(element, 'button').click();
    slow.resolve(answer(ROWS));
    await settled();
    expect(readable(element)).toContain('There is no such report');
    expect(readable(element)).not.toContain('Mia Weidner');
});

it('shows nothing old when it is asked anew and fails', async () => {
    report.mockResolvedValueOnce(answer(ROWS)).mockRejectedValueOnce(FAILURES[0][1]);
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    inside(element, 'button').click();
    await settled();
    expect(inside(element, '.total')).toBeNull();
    expect(readable(element)).not.toContain('Mia Weidner');
});

it.each(['', '../me', 'Closed Won', 'x'.repeat(61)])('does not ask for what is no name of a report: “%s”', async (name) => {
    const element = shown('c-forcedex-report', ForcedexReport, { report: name });
    await settled();
    expect(report).not.toHaveBeenCalled();
    expect(readable(element)).toContain('There is no such report');
});

it.each(FAILURES)('says it when %s, and works again', async (_, error, words) => {
    report.mockRejectedValueOnce(error).mockResolvedValueOnce(answer(ROWS));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    expect(readable(inside(element, '[role="alert"]'))).toContain(words);
    await expect(element).toBeAccessible();
    inside(inside(element, '[role="alert"]'), 'button').click();
    await settled();
    expect(inside(element, '.total').textContent).toBe('$1,500');
    expect(inside(element, '[role="alert"]')).toBeNull();
});

it('shows scripts in rows as text', async () => {
    report.mockResolvedValue(answer([row(SCRIPT, '1.00', 1)]));
    const element = shown('c-forcedex-report', ForcedexReport, { report: 'closed-won' });
    await settled();
    expect(readable(element)).toContain('<script>');
    expect(allInside(element, 'script, img')).toHaveLength(0);
    expect(window.ran).toBeUndefined();
});
