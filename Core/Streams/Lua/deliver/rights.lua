#!lua flags=allow-oom
-- Whether this user may do what the product does, and the keys hold what it expects. Nothing is written, and no command is run but TYPE.
--
-- KEYS 1 stream
-- ARGV per key: key, type ('' = any), count of commands, command, …
-- Returns {version of Redis} · {version, fault, key, command, or type that was found}; fault: denied · unknown · type

-- How many arguments a command takes after its key, where that is not one: Redis 8 refuses a check with too few or too many.
local more = {XADD = 3, XLEN = 0, HSET = 2, GET = 0, DEL = 0, XACK = 2, XCLAIM = 4, XRANGE = 2, XTRIM = 2}
local at = 1
while at <= #ARGV do
  local key, kind, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  for i = at + 3, at + 2 + count do
    local command = ARGV[i]
    local words = {command, key}
    for n = 1, more[command] or 1 do words[2 + n] = '1' end
    if command == 'XREADGROUP' then words = {command, 'GROUP', 'g', 'c', 'STREAMS', key, '>'} end
    if command == 'XINFO' then words = {command, 'STREAM', key} end
    if command == 'XGROUP' then words = {command, 'CREATE', key, 'g', '0'} end
    local found, allowed = pcall(redis.acl_check_cmd, unpack(words))
    if not found then return {redis.REDIS_VERSION, 'unknown', key, command} end
    if not allowed then return {redis.REDIS_VERSION, 'denied', key, command} end
  end
  local found = redis.pcall('TYPE', key)['ok']
  if kind ~= '' and found and found ~= 'none' and found ~= kind then return {redis.REDIS_VERSION, 'type', key, found} end
  at = at + 3 + count
end
return {redis.REDIS_VERSION}
