import sdk from 'chatkitty-platform-sdk';

export const ChatKitty = sdk.ChatKitty ?? sdk.default;
