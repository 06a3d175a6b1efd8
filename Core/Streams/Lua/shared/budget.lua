-- What a consumer may still be handed, in bytes. Small entries fit while there is room for one; a larger one must leave their share, but when
-- nothing large is in work one may go beyond. So nobody has more than the room and one entry, and every entry comes to its turn. As in ByteRoom.cs.
local small = 65536
local budget
local function set_budget(free, room, large, alone)
  budget = {free = tonumber(free), room = tonumber(room), large = tonumber(large), alone = alone == '1'}
end

local function fits(bytes)
  if bytes <= small then return budget.free >= small end
  return bytes <= budget.room or budget.alone
end

local function take(bytes)
  if bytes > small then
    if bytes > budget.large or bytes > budget.room then budget.alone = false end
    bytes = math.min(bytes, math.max(0, budget.room))
  end
  budget.free, budget.room = budget.free - bytes, budget.room - bytes
end
