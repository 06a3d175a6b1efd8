#!lua flags=allow-oom
-- Gives a held name up.
--
-- KEYS 1 the name · ARGV 1 holder
-- Returns 1 dropped · 0 it was another's, or nobody's
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
