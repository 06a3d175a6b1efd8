#!lua flags=no-writes
-- Which of these emails are processed already.
--
-- KEYS sets of processed ids, one a day · ARGV ids
-- Returns one 0 or 1 per id
local seen = {}
for i = 1, #ARGV do seen[i] = 0 end
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    for i, member in ipairs(redis.call('SMISMEMBER', key, unpack(ARGV))) do
      if member == 1 then seen[i] = 1 end
    end
  end
end
return seen
