// Number formats: of computation (a job's precision) and of stored elements.
#pragma once

#include <cstdint>

#include "cost_models/named_values.h"

namespace galvatron {

// tf32 is a rate of the device, not a storage format: fp32 tensors multiplied through tf32 units.
enum class Precision { fp32, tf32, bf16, fp16, fp8 };

inline constexpr NamedValues<Precision, 5> kPrecisionNames{{{Precision::fp32, "fp32"},
                                                            {Precision::tf32, "tf32"},
                                                            {Precision::bf16, "bf16"},
                                                            {Precision::fp16, "fp16"},
                                                            {Precision::fp8, "fp8"}}};

// Bytes of one activation or working weight (fp8 computes in it but stores 16 bits).
constexpr std::int64_t element_bytes(Precision precision) {
  switch (precision) {
    case Precision::fp32:
    case Precision::tf32:
      return 4;
    case Precision::bf16:
    case Precision::fp16:
    case Precision::fp8:
      return 2;
  }
  return 0;
}

}  // namespace galvatron
