-- Properties have one spelling, in which &, < and > are themselves: they are
-- searched as text. A text with an escaped backslash before is left as it is.

-- +goose Up
UPDATE chat_user
SET properties = replace(replace(replace(properties, '\u0026', '&'), '\u003c', '<'), '\u003e', '>')
WHERE instr(properties, '\u00') > 0 AND instr(properties, '\\u00') = 0;

UPDATE channel
SET properties = replace(replace(replace(properties, '\u0026', '&'), '\u003c', '<'), '\u003e', '>')
WHERE instr(properties, '\u00') > 0 AND instr(properties, '\\u00') = 0;
