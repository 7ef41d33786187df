/** Transforms of single records by the rules of market records, for use in front of any sink. */
package io.financelake.connect.transforms;
