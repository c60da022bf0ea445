/** Our texts in the language of who looks. Written by `npm run labels`: change tools/texts.mjs, or the texts of the page. */

import language from '@salesforce/i18n/lang';
import about_ from '@salesforce/label/c.Forcedex_about';
import all_ from '@salesforce/label/c.Forcedex_all';
import allTime_ from '@salesforce/label/c.Forcedex_allTime';
import chart_ from '@salesforce/label/c.Forcedex_chart';
import clear_ from '@salesforce/label/c.Forcedex_clear';
import comparedTo_ from '@salesforce/label/c.Forcedex_comparedTo';
import currency_ from '@salesforce/label/c.Forcedex_currency';
import day_ from '@salesforce/label/c.Forcedex_day';
import days_ from '@salesforce/label/c.Forcedex_days';
import dimension_account_ from '@salesforce/label/c.Forcedex_dimension_account';
import dimension_campaign_ from '@salesforce/label/c.Forcedex_dimension_campaign';
import dimension_category_ from '@salesforce/label/c.Forcedex_dimension_category';
import dimension_day_ from '@salesforce/label/c.Forcedex_dimension_day';
import dimension_industry_ from '@salesforce/label/c.Forcedex_dimension_industry';
import dimension_month_ from '@salesforce/label/c.Forcedex_dimension_month';
import dimension_origin_ from '@salesforce/label/c.Forcedex_dimension_origin';
import dimension_owner_ from '@salesforce/label/c.Forcedex_dimension_owner';
import dimension_priority_ from '@salesforce/label/c.Forcedex_dimension_priority';
import dimension_quarter_ from '@salesforce/label/c.Forcedex_dimension_quarter';
import dimension_reason_ from '@salesforce/label/c.Forcedex_dimension_reason';
import dimension_source_ from '@salesforce/label/c.Forcedex_dimension_source';
import dimension_stage_ from '@salesforce/label/c.Forcedex_dimension_stage';
import dimension_status_ from '@salesforce/label/c.Forcedex_dimension_status';
import dimension_type_ from '@salesforce/label/c.Forcedex_dimension_type';
import dimension_week_ from '@salesforce/label/c.Forcedex_dimension_week';
import dimension_year_ from '@salesforce/label/c.Forcedex_dimension_year';
import dropFilter_ from '@salesforce/label/c.Forcedex_dropFilter';
import duplicates_ from '@salesforce/label/c.Forcedex_duplicates';
import filters_ from '@salesforce/label/c.Forcedex_filters';
import foundAbout_ from '@salesforce/label/c.Forcedex_foundAbout';
import foundAboutOne_ from '@salesforce/label/c.Forcedex_foundAboutOne';
import foundShort_ from '@salesforce/label/c.Forcedex_foundShort';
import foundShortOne_ from '@salesforce/label/c.Forcedex_foundShortOne';
import homeHint_ from '@salesforce/label/c.Forcedex_homeHint';
import hours_ from '@salesforce/label/c.Forcedex_hours';
import justChanged_ from '@salesforce/label/c.Forcedex_justChanged';
import justNow_ from '@salesforce/label/c.Forcedex_justNow';
import loading_ from '@salesforce/label/c.Forcedex_loading';
import minutes_ from '@salesforce/label/c.Forcedex_minutes';
import narrow_ from '@salesforce/label/c.Forcedex_narrow';
import noRelated_ from '@salesforce/label/c.Forcedex_noRelated';
import noRows_ from '@salesforce/label/c.Forcedex_noRows';
import noRowsHere_ from '@salesforce/label/c.Forcedex_noRowsHere';
import none_ from '@salesforce/label/c.Forcedex_none';
import nothingFor_ from '@salesforce/label/c.Forcedex_nothingFor';
import nothingHint_ from '@salesforce/label/c.Forcedex_nothingHint';
import nothingNarrowed_ from '@salesforce/label/c.Forcedex_nothingNarrowed';
import object_ from '@salesforce/label/c.Forcedex_object';
import object_Account_ from '@salesforce/label/c.Forcedex_object_Account';
import object_Campaign_ from '@salesforce/label/c.Forcedex_object_Campaign';
import object_Case_ from '@salesforce/label/c.Forcedex_object_Case';
import object_Contact_ from '@salesforce/label/c.Forcedex_object_Contact';
import object_Event_ from '@salesforce/label/c.Forcedex_object_Event';
import object_Lead_ from '@salesforce/label/c.Forcedex_object_Lead';
import object_Opportunity_ from '@salesforce/label/c.Forcedex_object_Opportunity';
import object_Product2_ from '@salesforce/label/c.Forcedex_object_Product2';
import object_Task_ from '@salesforce/label/c.Forcedex_object_Task';
import object_User_ from '@salesforce/label/c.Forcedex_object_User';
import openInSalesforce_ from '@salesforce/label/c.Forcedex_openInSalesforce';
import openRecords_ from '@salesforce/label/c.Forcedex_openRecords';
import points_ from '@salesforce/label/c.Forcedex_points';
import problem_busy_ from '@salesforce/label/c.Forcedex_problem_busy';
import problem_busyHint_ from '@salesforce/label/c.Forcedex_problem_busyHint';
import problem_invalid_request_ from '@salesforce/label/c.Forcedex_problem_invalid_request';
import problem_invalid_requestHint_ from '@salesforce/label/c.Forcedex_problem_invalid_requestHint';
import problem_no_access_ from '@salesforce/label/c.Forcedex_problem_no_access';
import problem_no_accessHint_ from '@salesforce/label/c.Forcedex_problem_no_accessHint';
import problem_no_report_ from '@salesforce/label/c.Forcedex_problem_no_report';
import problem_no_reportHint_ from '@salesforce/label/c.Forcedex_problem_no_reportHint';
import problem_not_set_up_ from '@salesforce/label/c.Forcedex_problem_not_set_up';
import problem_not_set_upHint_ from '@salesforce/label/c.Forcedex_problem_not_set_upHint';
import problem_slow_ from '@salesforce/label/c.Forcedex_problem_slow';
import problem_slowHint_ from '@salesforce/label/c.Forcedex_problem_slowHint';
import problem_too_long_ from '@salesforce/label/c.Forcedex_problem_too_long';
import problem_too_longHint_ from '@salesforce/label/c.Forcedex_problem_too_longHint';
import problem_unauthorized_ from '@salesforce/label/c.Forcedex_problem_unauthorized';
import problem_unauthorizedHint_ from '@salesforce/label/c.Forcedex_problem_unauthorizedHint';
import problem_unavailable_ from '@salesforce/label/c.Forcedex_problem_unavailable';
import problem_unavailableHint_ from '@salesforce/label/c.Forcedex_problem_unavailableHint';
import problem_unreachable_ from '@salesforce/label/c.Forcedex_problem_unreachable';
import problem_unreachableHint_ from '@salesforce/label/c.Forcedex_problem_unreachableHint';
import problem_wrong_certificate_ from '@salesforce/label/c.Forcedex_problem_wrong_certificate';
import problem_wrong_certificateHint_ from '@salesforce/label/c.Forcedex_problem_wrong_certificateHint';
import recent_ from '@salesforce/label/c.Forcedex_recent';
import record_ from '@salesforce/label/c.Forcedex_record';
import records_ from '@salesforce/label/c.Forcedex_records';
import recordsOne_ from '@salesforce/label/c.Forcedex_recordsOne';
import refresh_ from '@salesforce/label/c.Forcedex_refresh';
import related_ from '@salesforce/label/c.Forcedex_related';
import relaxed_ from '@salesforce/label/c.Forcedex_relaxed';
import report_ from '@salesforce/label/c.Forcedex_report';
import report_activity_ from '@salesforce/label/c.Forcedex_report_activity';
import report_backlog_ from '@salesforce/label/c.Forcedex_report_backlog';
import report_campaign_return_ from '@salesforce/label/c.Forcedex_report_campaign_return';
import report_case_volume_ from '@salesforce/label/c.Forcedex_report_case_volume';
import report_closed_won_ from '@salesforce/label/c.Forcedex_report_closed_won';
import report_cohorts_ from '@salesforce/label/c.Forcedex_report_cohorts';
import report_coverage_ from '@salesforce/label/c.Forcedex_report_coverage';
import report_customer_health_ from '@salesforce/label/c.Forcedex_report_customer_health';
import report_deal_size_ from '@salesforce/label/c.Forcedex_report_deal_size';
import report_efficiency_ from '@salesforce/label/c.Forcedex_report_efficiency';
import report_first_response_ from '@salesforce/label/c.Forcedex_report_first_response';
import report_forecast_ from '@salesforce/label/c.Forcedex_report_forecast';
import report_forecast_accuracy_ from '@salesforce/label/c.Forcedex_report_forecast_accuracy';
import report_funnel_ from '@salesforce/label/c.Forcedex_report_funnel';
import report_hygiene_ from '@salesforce/label/c.Forcedex_report_hygiene';
import report_lead_conversion_ from '@salesforce/label/c.Forcedex_report_lead_conversion';
import report_leaderboard_ from '@salesforce/label/c.Forcedex_report_leaderboard';
import report_loss_drivers_ from '@salesforce/label/c.Forcedex_report_loss_drivers';
import report_loss_reasons_ from '@salesforce/label/c.Forcedex_report_loss_reasons';
import report_losses_ from '@salesforce/label/c.Forcedex_report_losses';
import report_new_business_ from '@salesforce/label/c.Forcedex_report_new_business';
import report_open_pipeline_ from '@salesforce/label/c.Forcedex_report_open_pipeline';
import report_pacing_ from '@salesforce/label/c.Forcedex_report_pacing';
import report_pipeline_created_ from '@salesforce/label/c.Forcedex_report_pipeline_created';
import report_pipeline_trend_ from '@salesforce/label/c.Forcedex_report_pipeline_trend';
import report_product_mix_ from '@salesforce/label/c.Forcedex_report_product_mix';
import report_push_rate_ from '@salesforce/label/c.Forcedex_report_push_rate';
import report_quota_ from '@salesforce/label/c.Forcedex_report_quota';
import report_sales_cycle_ from '@salesforce/label/c.Forcedex_report_sales_cycle';
import report_service_quality_ from '@salesforce/label/c.Forcedex_report_service_quality';
import report_slipped_ from '@salesforce/label/c.Forcedex_report_slipped';
import report_stalled_ from '@salesforce/label/c.Forcedex_report_stalled';
import report_time_in_stage_ from '@salesforce/label/c.Forcedex_report_time_in_stage';
import report_time_to_close_ from '@salesforce/label/c.Forcedex_report_time_to_close';
import report_top_customers_ from '@salesforce/label/c.Forcedex_report_top_customers';
import report_transitions_ from '@salesforce/label/c.Forcedex_report_transitions';
import report_velocity_ from '@salesforce/label/c.Forcedex_report_velocity';
import report_waterfall_ from '@salesforce/label/c.Forcedex_report_waterfall';
import report_waterfall_gross_ from '@salesforce/label/c.Forcedex_report_waterfall_gross';
import report_win_rate_ from '@salesforce/label/c.Forcedex_report_win_rate';
import search_ from '@salesforce/label/c.Forcedex_search';
import searchAll_ from '@salesforce/label/c.Forcedex_searchAll';
import searchEverything_ from '@salesforce/label/c.Forcedex_searchEverything';
import searchInstead_ from '@salesforce/label/c.Forcedex_searchInstead';
import searchPlaceholder_ from '@salesforce/label/c.Forcedex_searchPlaceholder';
import seconds_ from '@salesforce/label/c.Forcedex_seconds';
import showMore_ from '@salesforce/label/c.Forcedex_showMore';
import showRecordsOf_ from '@salesforce/label/c.Forcedex_showRecordsOf';
import showing_ from '@salesforce/label/c.Forcedex_showing';
import similar_ from '@salesforce/label/c.Forcedex_similar';
import sortBy_ from '@salesforce/label/c.Forcedex_sortBy';
import sort_amount_ from '@salesforce/label/c.Forcedex_sort_amount';
import sort_close_date_ from '@salesforce/label/c.Forcedex_sort_close_date';
import sort_created_ from '@salesforce/label/c.Forcedex_sort_created';
import sort_modified_ from '@salesforce/label/c.Forcedex_sort_modified';
import sort_name_ from '@salesforce/label/c.Forcedex_sort_name';
import sort_relevance_ from '@salesforce/label/c.Forcedex_sort_relevance';
import suggestionCount_ from '@salesforce/label/c.Forcedex_suggestionCount';
import suggestionCountOne_ from '@salesforce/label/c.Forcedex_suggestionCountOne';
import suggestions_ from '@salesforce/label/c.Forcedex_suggestions';
import table_ from '@salesforce/label/c.Forcedex_table';
import tableOf_ from '@salesforce/label/c.Forcedex_tableOf';
import tellUs_ from '@salesforce/label/c.Forcedex_tellUs';
import total_ from '@salesforce/label/c.Forcedex_total';
import tryAgain_ from '@salesforce/label/c.Forcedex_tryAgain';
import useFilter_ from '@salesforce/label/c.Forcedex_useFilter';
import view_ from '@salesforce/label/c.Forcedex_view';
import wentWrong_ from '@salesforce/label/c.Forcedex_wentWrong';
import { speaking } from 'c/forcedexSaying';

/** All texts by key. */
export const label = {
    about: about_,
    all: all_,
    allTime: allTime_,
    chart: chart_,
    clear: clear_,
    comparedTo: comparedTo_,
    currency: currency_,
    day: day_,
    days: days_,
    dimension_account: dimension_account_,
    dimension_campaign: dimension_campaign_,
    dimension_category: dimension_category_,
    dimension_day: dimension_day_,
    dimension_industry: dimension_industry_,
    dimension_month: dimension_month_,
    dimension_origin: dimension_origin_,
    dimension_owner: dimension_owner_,
    dimension_priority: dimension_priority_,
    dimension_quarter: dimension_quarter_,
    dimension_reason: dimension_reason_,
    dimension_source: dimension_source_,
    dimension_stage: dimension_stage_,
    dimension_status: dimension_status_,
    dimension_type: dimension_type_,
    dimension_week: dimension_week_,
    dimension_year: dimension_year_,
    dropFilter: dropFilter_,
    duplicates: duplicates_,
    filters: filters_,
    foundAbout: foundAbout_,
    foundAboutOne: foundAboutOne_,
    foundShort: foundShort_,
    foundShortOne: foundShortOne_,
    homeHint: homeHint_,
    hours: hours_,
    justChanged: justChanged_,
    justNow: justNow_,
    loading: loading_,
    minutes: minutes_,
    narrow: narrow_,
    noRelated: noRelated_,
    noRows: noRows_,
    noRowsHere: noRowsHere_,
    none: none_,
    nothingFor: nothingFor_,
    nothingHint: nothingHint_,
    nothingNarrowed: nothingNarrowed_,
    object: object_,
    object_Account: object_Account_,
    object_Campaign: object_Campaign_,
    object_Case: object_Case_,
    object_Contact: object_Contact_,
    object_Event: object_Event_,
    object_Lead: object_Lead_,
    object_Opportunity: object_Opportunity_,
    object_Product2: object_Product2_,
    object_Task: object_Task_,
    object_User: object_User_,
    openInSalesforce: openInSalesforce_,
    openRecords: openRecords_,
    points: points_,
    problem_busy: problem_busy_,
    problem_busyHint: problem_busyHint_,
    problem_invalid_request: problem_invalid_request_,
    problem_invalid_requestHint: problem_invalid_requestHint_,
    problem_no_access: problem_no_access_,
    problem_no_accessHint: problem_no_accessHint_,
    problem_no_report: problem_no_report_,
    problem_no_reportHint: problem_no_reportHint_,
    problem_not_set_up: problem_not_set_up_,
    problem_not_set_upHint: problem_not_set_upHint_,
    problem_slow: problem_slow_,
    problem_slowHint: problem_slowHint_,
    problem_too_long: problem_too_long_,
    problem_too_longHint: problem_too_longHint_,
    problem_unauthorized: problem_unauthorized_,
    problem_unauthorizedHint: problem_unauthorizedHint_,
    problem_unavailable: problem_unavailable_,
    problem_unavailableHint: problem_unavailableHint_,
    problem_unreachable: problem_unreachable_,
    problem_unreachableHint: problem_unreachableHint_,
    problem_wrong_certificate: problem_wrong_certificate_,
    problem_wrong_certificateHint: problem_wrong_certificateHint_,
    recent: recent_,
    record: record_,
    records: records_,
    recordsOne: recordsOne_,
    refresh: refresh_,
    related: related_,
    relaxed: relaxed_,
    report: report_,
    report_activity: report_activity_,
    report_backlog: report_backlog_,
    report_campaign_return: report_campaign_return_,
    report_case_volume: report_case_volume_,
    report_closed_won: report_closed_won_,
    report_cohorts: report_cohorts_,
    report_coverage: report_coverage_,
    report_customer_health: report_customer_health_,
    report_deal_size: report_deal_size_,
    report_efficiency: report_efficiency_,
    report_first_response: report_first_response_,
    report_forecast: report_forecast_,
    report_forecast_accuracy: report_forecast_accuracy_,
    report_funnel: report_funnel_,
    report_hygiene: report_hygiene_,
    report_lead_conversion: report_lead_conversion_,
    report_leaderboard: report_leaderboard_,
    report_loss_drivers: report_loss_drivers_,
    report_loss_reasons: report_loss_reasons_,
    report_losses: report_losses_,
    report_new_business: report_new_business_,
    report_open_pipeline: report_open_pipeline_,
    report_pacing: report_pacing_,
    report_pipeline_created: report_pipeline_created_,
    report_pipeline_trend: report_pipeline_trend_,
    report_product_mix: report_product_mix_,
    report_push_rate: report_push_rate_,
    report_quota: report_quota_,
    report_sales_cycle: report_sales_cycle_,
    report_service_quality: report_service_quality_,
    report_slipped: report_slipped_,
    report_stalled: report_stalled_,
    report_time_in_stage: report_time_in_stage_,
    report_time_to_close: report_time_to_close_,
    report_top_customers: report_top_customers_,
    report_transitions: report_transitions_,
    report_velocity: report_velocity_,
    report_waterfall: report_waterfall_,
    report_waterfall_gross: report_waterfall_gross_,
    report_win_rate: report_win_rate_,
    search: search_,
    searchAll: searchAll_,
    searchEverything: searchEverything_,
    searchInstead: searchInstead_,
    searchPlaceholder: searchPlaceholder_,
    seconds: seconds_,
    showMore: showMore_,
    showRecordsOf: showRecordsOf_,
    showing: showing_,
    similar: similar_,
    sortBy: sortBy_,
    sort_amount: sort_amount_,
    sort_close_date: sort_close_date_,
    sort_created: sort_created_,
    sort_modified: sort_modified_,
    sort_name: sort_name_,
    sort_relevance: sort_relevance_,
    suggestionCount: suggestionCount_,
    suggestionCountOne: suggestionCountOne_,
    suggestions: suggestions_,
    table: table_,
    tableOf: tableOf_,
    tellUs: tellUs_,
    total: total_,
    tryAgain: tryAgain_,
    useFilter: useFilter_,
    view: view_,
    wentWrong: wentWrong_,
};

export const { say, called } = speaking(label, language);
export { language };
