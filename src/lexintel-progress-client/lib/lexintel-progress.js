// For pages without npm: <script type="module" src="…/lexintel-progress.js"></script>
import { defineProgressElement } from './element.js';

export * from './index.js';

defineProgressElement();
