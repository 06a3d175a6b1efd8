#!lua flags=no-writes,allow-oom
-- Finds the lowest position in the stream that a group still needs: its first unread entry, or its lowest pending one. Reads a mailbox's cursor
-- in the same step, which shows whether the stream is the one into which its emails were appended.
-- Keeps: it changes nothing. Every entry below that position is settled. Without a group no entry is.
--
-- KEYS 1 stream · 2 cursor
-- Returns {that position, the position of the last entry that was appended; 0-0 when there is none;
--          the cursor's epoch, when it began, and the last UID appended; false for what is missing}
--@ ids
--@ floor
--@ collect
--@ stream
local cursor = redis.call('HMGET', KEYS[2], 'epoch', 'since', 'last')
if redis.call('EXISTS', KEYS[1]) == 0 then return {'0-0', '0-0', cursor[1], cursor[2], cursor[3]} end
local lowest
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local need = needed_by(KEYS[1], fields_of(reply))
  if not lowest or less(need, lowest) then lowest = need end
end
local newest = stream_of(KEYS[1])['last-generated-id']
clean_up()
return {lowest or '0-0', newest, cursor[1], cursor[2], cursor[3]}
