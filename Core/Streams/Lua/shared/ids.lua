-- Compares entry IDs as text, because a Lua number has 53 bits and each half of an ID has 64. Redis writes no leading zeros.
local function less(a, b)
  local ams, aseq = string.match(a, '(%d+)-(%d+)')
  local bms, bseq = string.match(b, '(%d+)-(%d+)')
  if ams == bms then ams, bms = aseq, bseq end
  if #ams ~= #bms then return #ams < #bms end
  return ams < bms
end
