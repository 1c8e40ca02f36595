// Numbers as people write them: strict, with a unit behind them where there is one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cost_models/units.h"

namespace galvatron {

// Decimal only: no leading zeros (`010` is nothing, never 8), no plus sign, no fraction.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Finite and decimal: 1, -0.5, .5, 1e-5.
std::optional<double> parse_number(std::string_view text);

// "16GiB", "1.5 GiB", "80GB", "512MiB", "4096B" or plain bytes. GB = 10^9 bytes, GiB = 2^30.
// Fractions are rounded to the nearest byte. None if negative or not below 2^63.
std::optional<Bytes> parse_bytes(std::string_view text);

// "90s", "1.5 ms", "20us", "5min", "2h" or plain seconds. None if negative.
std::optional<Seconds> parse_seconds(std::string_view text);

// The shortest text that reads back as the same double: "0.1", "1", "1e+21".
std::string number_text(double value);

}  // namespace galvatron
