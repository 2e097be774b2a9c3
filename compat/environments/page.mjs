/**
 * The part of an actor that runs in a page: `perform` answers the commands of
 * environments/chromium.mjs, and `report` is the function it put there.
 */
import * as client from 'client';
import {serveCommands} from '../sdk/serve-commands.mjs';

globalThis.perform = serveCommands(client, globalThis.report);
