// What pages can do beyond HTML.  All of them work without it.
import { theme } from './theme_toggle.js';
import { menus } from './menus.js';
import { copying } from './copying.js';
import { tables } from './tables.js';
import { shortcuts } from './shortcuts.js';
import { charts } from './charts.js';
import { forms } from './forms.js';
import { again } from './again.js';

for (const begin of [theme, menus, copying, tables, shortcuts, charts, forms, again])
  begin();
