-- The audit of the changes that people make: one entry for each. It keeps about as many as the caller says.
local function check_audit(key)
  length_of(key, 'XLEN')
  may(key, 'XADD', key, '*', 'a', 'b')
end

local function audit(key, length, ...)
  redis.call('XADD', key, 'MAXLEN', '~', length, '*', ...)
end
