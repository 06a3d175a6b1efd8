#!lua flags=allow-oom
-- Acknowledges completed deliveries and remembers their emails, as one step, also when Redis is full.
-- Keeps: only the owner settles; acknowledged and remembered go together.
--
-- KEYS 1 stream · 2 processed ids of today · 3 of yesterday, for a repeat after midnight
-- ARGV 1 group · 2 consumer · 3 life of the ids in seconds; per delivery: entry, number, email id ('' = remember nothing)
-- Returns per delivery: 1 settled · 2 was settled before (a repeat after a lost reply) · 0 not ours any more
--@ owned
local function is_processed(email)
  return email ~= '' and (redis.call('SISMEMBER', KEYS[2], email) == 1 or redis.call('SISMEMBER', KEYS[3], email) == 1)
end

local result = {}
for at = 4, #ARGV, 3 do
  local id, email = ARGV[at], ARGV[at + 2]
  if owned(KEYS[1], ARGV[1], ARGV[2], id, ARGV[at + 1]) then
    if email ~= '' then redis.call('SADD', KEYS[2], email) end
    redis.call('XACK', KEYS[1], ARGV[1], id)
    result[#result + 1] = 1
  else
    result[#result + 1] = is_processed(email) and 2 or 0
  end
end
if redis.call('TTL', KEYS[2]) == -1 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
return result
