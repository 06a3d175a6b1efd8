#!lua flags=allow-oom
-- The last step of an append transaction, after append-open, one XADD per email and the batch's digests. It moves the cursor or removes the added
-- entries. Plain commands cost Redis half of what they cost in a script, which converts every argument to a Lua string and back.
-- Keeps: the same as append. In every unusual case it removes the added entries, and append then decides.
--
-- KEYS 1 stream · 2 cursor · 3 digest log of today · 4 the newest large entry
-- ARGV 1 epoch · 2 the UID this batch follows · 3 its last UID · 4 count of emails · 5 stream limit (0 = none)
--      6 digest life in seconds (0 = the batch has no digests) · 7 1 = the batch has a large email
-- Returns 1 appended · 0 nothing was appended
--@ outstanding
--@ collect
--@ stream
local cursor = redis.pcall('HMGET', KEYS[2], 'epoch', 'last', 'open')
local count, mark, life = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local length = redis.pcall('XLEN', KEYS[1])
if type(length) == 'table' then
  -- There is no stream, so no email was added. The digests were.
  if life > 0 then redis.pcall('RPOP', KEYS[3]) end
  return length
end
local added = length - (tonumber(cursor[3]) or length - math.min(count, length))

-- Before the cursor moves. Without the note, consumers only read without a limit on bytes.
local function note_large()
  local newest = redis.pcall('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if not newest then return end
  size_of(newest[2])
  redis.pcall('SET', KEYS[4], newest[1])
end

local function move()
  if cursor[3] then redis.call('HDEL', KEYS[2], 'open') end
  -- Raises an error when the log is not a list and took no digests.
  if life > 0 then redis.call('LLEN', KEYS[3]) end
  if life > 0 and redis.call('TTL', KEYS[3]) < 0 then redis.call('EXPIRE', KEYS[3], life) end
  redis.call('HSET', KEYS[2], 'last', ARGV[3], 'missing', 0)
end

local function take_back()
  local stream = stream_of(KEYS[1])
  for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', added)) do
    size_of(entry[2])
    redis.call('XDEL', KEYS[1], entry[1])
  end
  -- Without XSETID a group's lag would count the removed entries or be unknown, and trim.lua would report them as vanished. AppendTransaction
  -- checks the right to XSETID. XSETID reads 0-0 as an omitted ID.
  local deleted = stream['max-deleted-entry-id']
  redis.pcall('XSETID', KEYS[1], stream['last-generated-id'],
    'ENTRIESADDED', stream['entries-added'] - added, 'MAXDELETEDID', deleted == '0-0' and '0-1' or deleted)
end

-- The length is never less than the outstanding work, so the work is read only when the length exceeds the limit. An error counts as over it.
local function is_within_limit()
  if mark == 0 or length <= mark then return true end
  local told, work = pcall(outstanding, KEYS[1], length)
  return told and work <= mark
end

if ARGV[7] == '1' then note_large() end
local fits = added == count and is_within_limit()
local moved = fits and cursor[1] == ARGV[1] and tonumber(cursor[2]) == tonumber(ARGV[2]) and pcall(move)
if not moved and added > 0 then take_back() end
clean_up()
if moved then return 1 end
if life > 0 then redis.pcall('RPOP', KEYS[3]) end
redis.pcall('HDEL', KEYS[2], 'open')
return 0
