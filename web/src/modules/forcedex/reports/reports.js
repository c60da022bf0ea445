/** What is asked of reports: addresses, questions, and the tiles of the dashboard. */

import { address } from 'forcedex/router';

/** Periods to choose from. */
export const PERIODS = [
    'this-week', 'this-month', 'this-quarter', 'this-year', 'this-fiscal-quarter', 'this-fiscal-year', 'last-month',
    'last-quarter', 'last-year', 'last-12-months', 'all',
];
export const USUAL_PERIOD = 'this-quarter';
export const COMPARISONS = ['previous-period', 'previous-year'];

const OWNER = 'OwnerId', REGION = 'Region__c';
const ALL = 'all';

/**
 * The tiles: `report`, rows `by`, the figure on top, a `period` that the selector does not change, how wide (of 12),
 * `only`: the filters that fit its records.
 */
export const TILES = [
    { report: 'closed-won', by: 'month', figure: 'amount', compare: 'previous-year', wide: 4 },
    { report: 'win-rate', by: 'source', figure: 'rate', compare: 'previous-period', wide: 4 },
    { report: 'forecast', by: 'category', figure: 'amount', wide: 4 },
    { report: 'open-pipeline', by: 'stage', figure: 'amount', period: ALL, wide: 6 },
    { report: 'pipeline-trend', by: 'week', figure: '', wide: 6 },
    { report: 'funnel', by: 'stage', figure: 'count', wide: 4 },
    { report: 'leaderboard', by: 'owner', figure: 'won', top: 8, wide: 4 },
    { report: 'top-customers', by: 'account', figure: 'amount', top: 8, wide: 4 },
    { report: 'sales-cycle', by: 'source', figure: 'median', wide: 4 },
    { report: 'loss-reasons', by: 'reason', figure: 'count', wide: 4 },
    { report: 'efficiency', by: 'month', figure: 'efficiency', wide: 4 },
    { report: 'activity', by: 'owner', figure: 'tasks', top: 8, wide: 4, only: [OWNER] },
    { report: 'hygiene', by: 'owner', figure: 'problems', top: 8, period: ALL, wide: 4 },
    { report: 'case-volume', by: 'month', figure: 'count', wide: 4, only: [OWNER] },
    { report: 'first-response', by: 'priority', figure: 'median', wide: 4, only: [OWNER] },
];

/** The conditions of the dashboard's filters. */
export const conditions = ({ owner, region }) => [
    ...(owner ? [{ field: OWNER, text: `${OWNER}=${owner}` }] : []),
    ...(region ? [{ field: REGION, text: `${REGION}=${region}` }] : []),
];

/** What a tile asks, under the filters of the dashboard. */
export function question(tile, filters) {
    return {
        by: [tile.by],
        period: tile.period ?? filters.period,
        compare: (tile.period ?? filters.period) === ALL ? undefined : tile.compare,
        top: tile.top,
        where: conditions(filters).filter((each) => !tile.only || tile.only.includes(each.field)).map((each) => each.text),
    };
}

/** The filters that do not fit a tile's records. */
export const unfit = (tile, filters) => conditions(filters).filter((each) => tile.only && !tile.only.includes(each.field)).map((each) => each.field);

/** The address of a report under a question; with `row`, of the records behind that row. */
export const reportAddress = (name, { by = [], period, compare, top, where = [] }, row) =>
    address(`/report/${encodeURIComponent(name)}`, { by, period, compare, top, where, row: row ? JSON.stringify(row) : '' });

/** The question and the row that an address means. */
export function asked(query) {
    let row = null;
    try {
        row = JSON.parse(query.get('row') ?? 'null');
    } catch {
        // Somebody wrote it by hand: no row.
    }
    const top = Number(query.get('top') ?? 0);
    return {
        question: {
            by: query.getAll('by').slice(0, 2),
            period: query.get('period') ?? '',
            compare: COMPARISONS.includes(query.get('compare')) ? query.get('compare') : undefined,
            top: Number.isInteger(top) && top > 0 && top <= 1000 ? top : 0,
            where: query.getAll('where').slice(0, 20),
        },
        row: Array.isArray(row) && row.every((each) => each === null || typeof each === 'string') ? row : null,
    };
}

/** As the service wants it. */
export const sent = ({ by, period, compare, top, where }) => ({
    ...(by.length ? { by } : {}),
    ...(compare ? { compare } : {}),
    period: period ?? '',
    top: top ?? 0,
    where,
});
