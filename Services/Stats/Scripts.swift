import Contract
import Redis

/// What runs inside Redis, each in one atomic step.
///
/// `stats:control` is a hash that is there as long as Redis has lost nothing (see ``Scripts/control``); all other keys
/// are below `stats:BASE:`, where BASE is the generation in which these figures began from nothing:
/// - `seen:KIND:CHUNK`: one bit for each booking number and kind of event, 32,768 to a key: booking numbers are small
///   and nearly dense, so a redelivery costs a bit and no key.
/// - `sums:CHUNK`: what is counted of these booking numbers, as ``SettledChunk`` has it.
/// - `of:DESTINATION` and `day:DAY:DESTINATION`: hashes with the figures, for all time and for a day.
/// - `destinations`, `day:DAY` (sets) and `days` (sorted by name): which of those there are.
/// - `candies:CHUNK:N`: small hashes from a booking's place in its chunk to what its candies added, so that a
///   cancellation takes back exactly that, whatever the settings are by then.
/// - `customers`: the number of registered customers.
/// - `replayed:KIND`: one bit for each part of the present replay that has been counted.
enum Scripts {
    /// Counts events: `ARGV` is the generation that the caller believes in, and ``Change/width`` texts for each event.
    ///
    /// Returns the generation in force and how many batches were counted so far; nothing was counted where the first is
    /// not the caller's, and everything begins from nothing where what is needed to take something back is missing.
    ///
    /// Events of a booking may come in any order and any number of times. The bits `confirmed` and `cancelled` say
    /// which have been seen; a cancellation that comes first leaves nothing for its confirmation to add, but the
    /// registration and bonus of a first booking, which a cancellation does not take back.
    static let count = RedisScript(
        """
        \(control)
        if field('generation') ~= tonumber(ARGV[1]) then return {get('generation'), field('batches')} end
        local p = prefix()
        local sums = {}
        local function sum(chunk, kind, amount)
            local key = p .. 'sums:' .. chunk
            sums[key] = sums[key] or {}
            sums[key][kind] = (sums[key][kind] or 0) + tonumber(amount) % \(SettledChunk.divisor)
        end
        local function first_time(kind, chunk, bit)
            return redis.call('SETBIT', p .. 'seen:' .. kind .. ':' .. chunk, bit, 1) == 0
        end
        local function seen(kind, chunk, bit)
            return redis.call('GETBIT', p .. 'seen:' .. kind .. ':' .. chunk, bit) == 1
        end
        -- Events of a batch mostly change the same figures, so that these are added up before they are written.
        local changes = {}
        local function change(key, figures, sign)
            for figure, amount in pairs(figures) do
                local sum = (changes[key][figure] or 0) + sign * tonumber(amount)
                -- Exact up to 2^53, of which no amount is more than a third.
                if math.abs(sum) > 4e15 then
                    redis.call('HINCRBY', key, figure, whole(sum))
                    sum = 0
                end
                changes[key][figure] = sum
            end
        end
        local function add(destination, day, sign, figures)
            local key, key_of_day = p .. 'of:' .. destination, p .. 'day:' .. day .. ':' .. destination
            if not changes[key_of_day] then
                redis.call('SADD', p .. 'destinations', destination)
                redis.call('ZADD', p .. 'days', 0, day)
                redis.call('SADD', p .. 'day:' .. day, destination)
                changes[key], changes[key_of_day] = changes[key] or {}, {}
            end
            change(key, figures, sign)
            change(key_of_day, figures, sign)
        end
        local is_damaged = false
        local function candies_at(chunk, bit) return p .. 'candies:' .. chunk .. ':' .. math.floor(bit / 100) end
        local function candies_of(chunk, bit)
            if not seen('candies', chunk, bit) then return nil end
            local stored = redis.call('HGET', candies_at(chunk, bit), bit)
            is_damaged = is_damaged or not stored
            if not stored then return nil end
            local count, cost = stored:match('^(%d+):(%d+)$')
            return {candies = count, candy_cost = cost}
        end
        for i = 2, #ARGV, \(Change.width) do
            local kind, chunk, bit, destination, day = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
            local points, bonus, is_first = ARGV[i + 11], ARGV[i + 12], ARGV[i + 13]
            if kind == 'rejected' then
                if first_time(kind, chunk, bit) then
                    sum(chunk, 'rejected', 1)
                    sum(chunk, 'times', ARGV[i + 15])
                    add(destination, day, 1, {rejected = 1})
                end
            elseif kind == 'candies' then
                if first_time(kind, chunk, bit) then
                    local stored = ARGV[i + 14] .. ':' .. ARGV[i + 5]
                    redis.call('HSET', candies_at(chunk, bit), bit, stored)
                    if seen('confirmed', chunk, bit) and not seen('cancelled', chunk, bit) then
                        add(destination, day, 1, candies_of(chunk, bit))
                    end
                end
            elseif kind == 'part' then
                local part = tonumber(bit)
                if field('first') <= part and part <= field('last')
                    and redis.call('SETBIT', p .. 'replayed:' .. destination, part, 1) == 0 then
                    redis.call('HINCRBY', C, 'left', -1)
                    redis.call('HSET', C, 'moved_at', now())
                end
            else
                local figures = {bookings = 1, collected = ARGV[i + 5], tax = ARGV[i + 6], discounts = ARGV[i + 7],
                    pets = ARGV[i + 8], infants = ARGV[i + 9], promotions = ARGV[i + 10], points = points}
                local candies = candies_of(chunk, bit)
                local is_cancelled = seen('cancelled', chunk, bit)
                if kind == 'cancelled' and not is_cancelled then
                    first_time('cancelled', chunk, bit)
                    sum(chunk, 'cancelled', 1)
                    sum(chunk, 'times', ARGV[i + 16])
                    add(destination, day, 1, {cancelled = 1})
                    if seen('confirmed', chunk, bit) then
                        add(destination, day, -1, figures)
                        if candies then add(destination, day, -1, candies) end
                    end
                    is_cancelled = true
                end
                if first_time('confirmed', chunk, bit) then
                    sum(chunk, 'confirmed', 1)
                    sum(chunk, 'prices', ARGV[i + 5])
                    sum(chunk, 'times', ARGV[i + 15])
                    if is_first == '1' then
                        add(destination, day, 1, {points = bonus})
                        redis.call('INCR', p .. 'customers')
                    end
                    if not is_cancelled then
                        add(destination, day, 1, figures)
                        if candies then add(destination, day, 1, candies) end
                    end
                end
            end
        end
        if is_damaged then
            begin(tonumber(ARGV[1]), true)
            redis.call('HSET', C, 'wanted', 'candies are missing in Redis')
            return {get('generation'), field('batches')}
        end
        for _, hashes in ipairs({sums, changes}) do
            for key, fields in pairs(hashes) do
                for field, amount in pairs(fields) do
                    if amount ~= 0 then redis.call('HINCRBY', key, field, whole(amount)) end
                end
            end
        end
        return {get('generation'), redis.call('HINCRBY', C, 'batches', 1)}
        """)

    /// Reads figures: `ARGV` is the destination (or empty), the first and the last day (or empty).
    ///
    /// Returns whether figures are being rebuilt (1) or not (0), the number of customers, then for each destination its
    /// name, the number of its figures, and these as names and amounts.
    static let report = RedisScript(
        """
        local control = redis.call('HMGET', 'stats:control', 'base', 'wanted', 'left')
        if not control[1] then return {1, '0'} end
        local rebuilding = (control[2] or tonumber(control[3] or 0) > 0) and 1 or 0
        local p = 'stats:' .. control[1] .. ':'
        local sums, order = {}, {}
        local function sum(destination, key)
            if not sums[destination] then
                sums[destination] = {}
                order[#order + 1] = destination
            end
            local figures = redis.call('HGETALL', key)
            for i = 1, #figures, 2 do
                sums[destination][figures[i]] = (sums[destination][figures[i]] or 0) + tonumber(figures[i + 1])
            end
        end
        local only, from, to = ARGV[1], ARGV[2], ARGV[3]
        if from == '' then
            local names = only ~= '' and {only} or redis.call('SMEMBERS', p .. 'destinations')
            for _, name in ipairs(names) do sum(name, p .. 'of:' .. name) end
        else
            for _, day in ipairs(redis.call('ZRANGEBYLEX', p .. 'days', '[' .. from, '[' .. to)) do
                local names = only ~= '' and {only} or redis.call('SMEMBERS', p .. 'day:' .. day)
                for _, name in ipairs(names) do sum(name, p .. 'day:' .. day .. ':' .. name) end
            end
        end
        local answer = {rebuilding, redis.call('GET', p .. 'customers') or '0'}
        for _, name in ipairs(order) do
            local figures = {}
            for figure, amount in pairs(sums[name]) do
                figures[#figures + 1] = figure
                figures[#figures + 1] = string.format('%.0f', amount)
            end
            answer[#answer + 1] = name
            answer[#answer + 1] = figures
        end
        return answer
        """)
}
