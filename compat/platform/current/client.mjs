import chatkitty from 'chatkitty';

export const {ChatKitty} = chatkitty;
