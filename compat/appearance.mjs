import assert from 'node:assert/strict';

/** The three parts of a chat UI: what the packages report of each, and one to set. */
const parts = {
	elements: {
		kind: 'elementsChanged',
		resource: {button: {template: '<b>"ü" & more</b>', classMaps: {is_on: {a_b: 'x y'}}}},
	},
	features: {
		kind: 'featuresChanged',
		resource: {$version: '0.0.2', message: {attachments: {audio: 'disabled'}, 'read-receipts': 'enabled'}},
	},
	styles: {
		kind: 'stylesChanged',
		resource: {$version: '0.0.2', 'base-theme': 'dark', stylesheet: 'a > b {}', overrides: {size: [1, null]}},
	},
};

/** What users hear of the application's chat UI. Before the restart, and while C is not yet there. */
export const appearanceSteps = () => [
	{
		id: 'appearance',
		title: 'An administrator changes the elements, features and styles of the chat UI, and B is shown each',
		async run({bob, administrator}) {
			for (const [part, {kind, resource}] of Object.entries(parts)) {
				assert.deepEqual(await administrator.replace(part, resource), resource);
				assert.deepEqual((await bob.hears(kind)).resource, resource);
			}
		},
	},
];

/** After the restart, over which C stays. */
export const returningAppearanceSteps = () => [
	{
		id: 'appearanceShown',
		title: 'C, who came after that, is shown them: at the latest on coming back after the restart',
		async run({carol}) {
			for (const {kind, resource} of Object.values(parts)) {
				assert.deepEqual((await carol.hears(kind)).resource, resource);
			}
		},
	},
];
