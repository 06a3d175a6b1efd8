#!lua flags=allow-oom
-- Checks that this user may run the product's commands and that the keys have the expected types. It runs only TYPE and writes nothing.
--
-- KEYS 1 stream
-- ARGV per key: key, type ('' = any), count of commands, command, …
-- Returns {version of Redis} · {version, fault, key, command or found type}; fault: denied · unknown · type

-- The number of arguments after a command's key, when it is not one. Redis 8 refuses a check with too few or too many.
local more = {
  XADD = 3, XLEN = 0, HSET = 2, GET = 0, DEL = 0, UNLINK = 0, PERSIST = 0, EXISTS = 0, STRLEN = 0, GETRANGE = 2, ZADD = 2,
  HINCRBY = 2, ZCARD = 0, ZRANGEBYSCORE = 2, XACK = 2, XCLAIM = 4, XRANGE = 2, XTRIM = 2,
}
local at = 1
while at <= #ARGV do
  local key, kind, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  for i = at + 3, at + 2 + count do
    local command = ARGV[i]
    local words = {command, key}
    for n = 1, more[command] or 1 do words[2 + n] = '1' end
    if command == 'XREADGROUP' then words = {command, 'GROUP', 'g', 'c', 'STREAMS', key, '>'} end
    if command == 'XINFO' then words = {command, 'STREAM', key} end
    if command == 'RENAME' then words = {command, key, key} end
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
