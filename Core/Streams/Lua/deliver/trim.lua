#!lua flags=allow-oom
-- Trims the entries that every group has settled: all below the lowest entry that any group still needs.
-- Keeps: no unread or pending entry is trimmed, at any length. MINID leaves the lag known; XDEL of unread entries would make it null.
-- A replica that becomes the primary (before Redis 7.2) does not know how much a group has read, and would report a lag that is too high. The
-- script corrects it when the number of unread entries is known. The same numbers reveal unread entries that somebody deleted, and the script
-- records those.
--
-- KEYS 1 stream · 2 vanished
-- ARGV 1 the group whose unread entries must not vanish · 2 1 = a process starts: from now on it is known whether the count of read entries is right
-- Returns how many entries were trimmed
--@ ids
--@ floor
--@ collect
--@ stream
--@ vanished
--@ checks
-- The number of entries above the last delivered one. Known without reading when all are read, or when no delivered entry is left; else nil.
local function unread_of(group, stream)
  local first, last = stream['first-entry'], group['last-delivered-id']
  if last == stream['last-generated-id'] then return 0 end
  if not first or less(last, first) then return stream['length'] end
end

-- Counts the unread entries when their number is not known, only after an XDEL was noticed. Nil when there are too many to count.
local function count_unread(group)
  local count, bytes, from = 0, 0, group['last-delivered-id']
  while count < 1000 and bytes < 4194304 do
    local entry = redis.call('XRANGE', KEYS[1], '(' .. from, '+', 'COUNT', 1)[1]
    if not entry then return count end
    count, from = count + 1, entry[1]
    bytes = bytes + size_of(entry[2])
  end
end

-- The count of read entries is trusted when it was right before on the same primary, or when nothing was read yet. A failover or a restart may
-- set it back.
local function replication()
  local info = redis.pcall('INFO', 'replication')
  return type(info) == 'string' and string.match(info, 'master_replid:(%x+)')
end

local function notice(group, stream, unread)
  local seen = redis.pcall('HMGET', KEYS[2], 'known', 'verified')
  if seen['err'] then return end
  local primary = replication()
  local nothing_read = group['last-delivered-id'] == '0-0'
  local read = (nothing_read or primary and seen[2] == primary) and group['entries-read']
  local deleted = stream['max-deleted-entry-id']
  if not group['lag'] and less(seen[1] or '0-1', deleted) and (less(group['last-delivered-id'], deleted) or not group['entries-read']) then
    -- An XDEL of entries that were not delivered to the group. It makes the lag unknown until all entries are read.
    local left = unread or count_unread(group)
    local gone = read and left and stream['entries-added'] - read - left or 1
    redis.pcall('HSET', KEYS[2], 'known', deleted)
    vanished(KEYS[2], math.max(1, gone), deleted)
  elseif read and unread and stream['entries-added'] - read > unread then
    -- An XTRIM of undelivered entries.
    local first = stream['first-entry']
    local gone = stream['entries-added'] - read - unread
    vanished(KEYS[2], gone, unread > 0 and 'all before ' .. first or 'some up to ' .. stream['last-generated-id'])
  end
  if primary and seen[2] ~= primary and (seen[2] or ARGV[2] == '1') then redis.pcall('HSET', KEYS[2], 'verified', unread and primary or '') end
end

-- XINFO STREAM copies two entries, so it runs only when the numbers of XINFO GROUPS do not add up: when unread entries are gone, lag and pending
-- exceed the length of the stream. A lag that is wrong by less than the settled entries is corrected once those are trimmed. Newer versions,
-- among them Redis 8.0.6, take the length for the lag then, so a lag of that size is checked too.
local function adds_up(group, length)
  return group['lag'] and group['lag'] < length and group['lag'] + group['pending'] <= length
end

local function is_verified(group)
  if group['name'] ~= ARGV[1] then return true end
  local primary, verified = replication(), redis.pcall('HGET', KEYS[2], 'verified')
  return not primary or not verified or verified == primary
end

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
may(KEYS[1], 'XTRIM', KEYS[1], 'MINID', '=', '0')
may(KEYS[1], 'XPENDING', KEYS[1], ARGV[1])
local length = redis.call('XLEN', KEYS[1])
local stream
local lowest
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = fields_of(reply)
  local last = group['last-delivered-id']
  if ARGV[2] == '1' or length == 0 or (group['lag'] ~= 0 and not (adds_up(group, length) and is_verified(group))) then
    stream = stream or stream_of(KEYS[1])
    local unread = unread_of(group, stream)
    if group['name'] == ARGV[1] then notice(group, stream, unread) end
    if unread and group['entries-read'] ~= stream['entries-added'] - unread then
      redis.call('XGROUP', 'SETID', KEYS[1], group['name'], last, 'ENTRIESREAD', stream['entries-added'] - unread)
    end
  end
  local need = needed_by(KEYS[1], group)
  if not lowest or less(need, lowest) then lowest = need end
end
clean_up()
if not lowest then return 0 end
return redis.call('XTRIM', KEYS[1], 'MINID', '=', lowest)
