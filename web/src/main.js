import { createElement } from 'lwc';
import App from 'forcedex/app';

document.body.append(createElement('forcedex-app', { is: App }));
