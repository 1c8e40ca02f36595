// Training data as a user names it: [text:|safetensors:|llmc:|megatron:]PATH.
#pragma once

#include <string>
#include <string_view>

#include "cost_models/named_values.h"

namespace galvatron {

enum class DataFormat { text, safetensors, llmc, megatron };

inline constexpr NamedValues<DataFormat, 4> kDataFormatNames{{
    {DataFormat::text, "text"},
    {DataFormat::safetensors, "safetensors"},
    {DataFormat::llmc, "llmc"},
    {DataFormat::megatron, "megatron"},
}};

struct DataSource {
  DataFormat format = DataFormat::text;
  std::string path;  // of Megatron data without .bin or .idx

  bool operator==(const DataSource&) const = default;
};

// Without a prefix the ending tells: .txt, .safetensors, .idx; .bin is Megatron's where an .idx
// lies beside it, else llm.c's.
//
// Throws SpecError if neither prefix nor ending tells the format.
DataSource parse_data_source(std::string_view text);

}  // namespace galvatron
