// What the platform knows before a component is loaded. Not a module of LWC: it runs first.
const asked = new URLSearchParams(window.location.search);
const told = await (await fetch(`session?as=${encodeURIComponent(asked.get('as') ?? '')}`)).json();
const language = asked.get('lang') ?? 'en';

/** An Apex method of a class, as `Class.method`; rejected as the platform does it. */
async function apex(name, given) {
    window.preview.calls.push({ name, given, at: performance.now() });
    let answer;
    try {
        answer = await fetch(`apex/${name}?as=${encodeURIComponent(told.username)}&lang=${language}`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(given ?? {}),
        });
    } catch {
        throw { body: { message: 'Disconnected or Canceled' }, status: 0, ok: false };
    }
    const body = await answer.json();
    if (!answer.ok) throw { body, status: answer.status, ok: false };
    return body;
}

window.preview = {
    apex,
    calls: [],
    went: [],
    language,
    i18n: { lang: language, locale: language === 'zh' ? 'zh-CN' : 'en-US', timeZone: 'Europe/Berlin', dir: 'ltr' },
    formFactor: window.innerWidth < 768 ? 'Small' : 'Large',
    user: { Id: told.user },
    said: (texts) => texts[language] ?? texts.en,
    wanted: asked.get('component') ?? 'forcedexSearch',
    properties: JSON.parse(asked.get('with') ?? '{}'),
    state: Object.fromEntries([...asked].filter(([name]) => name.startsWith('c__'))),
};
document.documentElement.lang = language;

const links = document.querySelector('.frame-links');
for (const { title, component, given } of told.places) {
    const link = document.createElement('a');
    const address = new URLSearchParams({ component, as: told.username, lang: language, with: JSON.stringify(given) });
    link.href = `?${address}`;
    link.textContent = title;
    links.append(link);
}
const who = document.querySelector('.frame-who select');
for (const { username, name } of told.people) who.append(new Option(name, username, false, username === told.username));
who.addEventListener('change', () => {
    asked.set('as', who.value);
    window.location.search = asked;
});
