#!lua flags=allow-oom
-- Acknowledges completed deliveries and remembers their emails, as one step, also when Redis is full.
-- Keeps: only the owner settles; an email is acknowledged and remembered, or neither.
--
-- KEYS 1 stream · 2 processed ids of today · 3 of yesterday, for a repeat after midnight · 4 postponed
-- ARGV 1 group · 2 consumer · 3 life of the ids in seconds; per delivery: entry, delivery count, email id ('' = remember nothing)
-- Returns per delivery: 1 settled · 2 was settled before (a repeat after a lost reply) · 0 another consumer owns it
--@ owned
--@ checks
local function is_processed(email)
  return email ~= '' and (redis.call('SISMEMBER', KEYS[2], email) == 1 or redis.call('SISMEMBER', KEYS[3], email) == 1)
end

-- Deliveries that are settled together are usually neighbours, with some between them that still run. So one XPENDING reads them all. Those that
-- it does not return, as when the deliveries do not ascend, are read one by one.
local count, ours = (#ARGV - 3) / 3, {}
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[4], ARGV[#ARGV - 2], 2 * count, ARGV[2])) do
  ours[pending[1]] = pending[4]
end

local result, ids, emails = {}, {}, {}
for at = 4, #ARGV, 3 do
  local id, number, email = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if ours[id] == tonumber(number) or owned(KEYS[1], ARGV[1], ARGV[2], id, number) then
    ids[#ids + 1] = id
    if email ~= '' then emails[#emails + 1] = email end
    result[#result + 1] = 1
  else
    result[#result + 1] = is_processed(email) and 2 or 0
  end
end

-- Steps that can fail come first. The acknowledgement comes last, because it gives up ownership.
local life = redis.call('TTL', KEYS[2])
if life < 0 then may(KEYS[2], 'EXPIRE', KEYS[2], ARGV[3]) end
if #ids > 0 then may(KEYS[1], 'XACK', KEYS[1], ARGV[1], ids[1]) end
for at = 1, #emails, 1000 do redis.call('SADD', KEYS[2], unpack(emails, at, math.min(at + 999, #emails))) end
if life < 0 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
for at = 1, #ids, 1000 do redis.call('XACK', KEYS[1], ARGV[1], unpack(ids, at, math.min(at + 999, #ids))) end
-- By pcall: a wrong type of that key must not fail a settle that is done.
for at = 1, #ids, 1000 do redis.pcall('HDEL', KEYS[4], unpack(ids, at, math.min(at + 999, #ids))) end
return result
