#!lua flags=allow-oom
-- Finds which bodies something refers to. It drops referers that somebody has deleted (XTRIM, XDEL), and with the last one the body, as unrefer.
-- Keeps: a body that an entry or a dead letter refers to is never reported as free.
--
-- KEYS 1 referers · 2 stream · 3 dead letters · 4 released
-- ARGV 1 whether a released body counts as referred: 1 yes, BodyCleaner deletes it later · 0 no; then names of bodies
-- Returns {since when all referers are known, in Unix ms; then per body: 1 something refers to it · 0 nothing does}
--@ checks
--@ referers
length_of(KEYS[1], 'HLEN')
may(KEYS[1], 'HSET', KEYS[1], 'since', '1')
local bodies = {}
local keep_released = ARGV[1] == '1'
for at = 2, #ARGV do
  local name = ARGV[at]
  bodies[at - 1] = {name = name, store = string.find(name, '/', 1, true) and 'outside' or 'redis'}
  check_referers(KEYS[1], bodies[at - 1])
end
if keep_released then may(released_key(KEYS[1]), 'ZSCORE', released_key(KEYS[1]), 'a') end

-- A hash without this field is a new one: what an older one, which somebody has deleted, knew of older bodies is lost.
local since = tonumber(redis.call('HGET', KEYS[1], 'since'))
if not since then
  local now = redis.call('TIME')
  since = now[1] * 1000 + math.floor(now[2] / 1000)
  redis.call('HSET', KEYS[1], 'since', string.format('%.0f', since))
end

-- An entry that cannot be read counts as there.
local function is_there(referer)
  local key = string.sub(referer, 1, 2) == 's:' and KEYS[2] or KEYS[3]
  local id = string.sub(referer, 3)
  local found = redis.pcall('XRANGE', key, id, id, 'COUNT', 1)
  return found['err'] ~= nil or #found > 0
end

local result = {since}
for at, body in ipairs(bodies) do
  for referer in string.gmatch(redis.call('HGET', KEYS[1], body.name) or '', '[sd]:%S+') do
    if not is_there(referer) then unrefer(KEYS[1], body, referer) end
  end
  local kept = redis.call('HGET', KEYS[1], body.name)
    or (keep_released and body.store ~= 'redis' and redis.call('ZSCORE', released_key(KEYS[1]), body.name))
  result[at + 1] = kept and 1 or 0
end
return result
