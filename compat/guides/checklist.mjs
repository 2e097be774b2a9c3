import {followCommandLine} from './command-line.mjs';
import {followImports, followPlatformAPI} from './platform.mjs';
import {followReadme} from './readme.mjs';

/** @type {import('../judge.mjs').Row[]} */
const rows = [
	{id: 'readme', title: 'README.md: two people talk in terminals, and one of them in a program', run: followReadme},
	{id: 'platform-api', title: 'platform-api.md: what a back end says reaches a connected client', run: followPlatformAPI},
	{id: 'imports', title: 'imports.md: users, channels and messages come from files, and go into files', run: followImports},
	{id: 'cli', title: 'cli.md: the original command line, with a key store and where there is none', run: followCommandLine},
];

/** The pages of the documentation, each followed from its start to its end. @type {import('../judge.mjs').Checklist} */
export const guides = {
	id: 'guides',
	title: 'Guides',
	about: 'Pages of the documentation, followed in their order with the commands and programs that stand there. What installs and starts, and what needs another machine, is not run.',
	versions: [{id: ''}],
	rows,
	async join({place, server, judge, folder}) {
		return {begin: () => judge.take(place, rows, {server, folder})};
	},
};
