#!lua flags=allow-oom
-- Records a change that a person made, also when Redis is full.
--
-- KEYS 1 audit · ARGV 1 audit length; then name, value, … of the entry
-- Returns 1
--@ checks
--@ audit
check_audit(KEYS[1])
audit(KEYS[1], ARGV[1], unpack(ARGV, 2))
return 1
