-- Settings are stored by the names that administrators know them by, and only
-- where they are not the default.

-- +goose Up
UPDATE application
SET settings = replace(replace(settings,
	'"refuse_guests":true', '"guest_users":"DISABLED"'),
	'"refuse_user_channels":true', '"user_created_channels":"DISABLED"')
WHERE settings <> '{}';
