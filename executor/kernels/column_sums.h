// What the gradient of a bias is: the sums of a matrix's columns.
#pragma once

#include <ATen/core/Tensor.h>

namespace galvatron {

// sums[column] += the sum of rows[., column], in fp32 and the same bits in every run.
//
// rows is [rows, columns] fp32 or bf16, each row contiguous and any distance from the next; sums
// [columns] fp32, contiguous.
void add_column_sums(const at::Tensor& rows, const at::Tensor& sums);

}  // namespace galvatron
