import { LightningElement, api } from 'lwc';
import { label, language, speak } from 'forcedex/i18n';
import { loginAddress } from 'forcedex/router';

/** Who is not logged in sees this. */
export default class Start extends LightningElement {
    /** Whether somebody was, a moment ago. */
    @api over = false;
    label = label;

    get login() {
        return loginAddress();
    }

    get other() {
        return language === 'zh' ? 'English' : '中文';
    }

    get otherCode() {
        return language === 'zh' ? 'en' : 'zh-Hans';
    }

    change() {
        speak(language === 'zh' ? 'en' : 'zh');
    }
}
