/// Translation between the model and the generated Avro classes, one class per record.
@NullMarked
package dev.sluice.contract.codec;

import org.jspecify.annotations.NullMarked;
