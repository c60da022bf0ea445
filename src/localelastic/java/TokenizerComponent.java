package localelastic;

import java.util.Set;
import java.util.function.Supplier;
import org.apache.lucene.analysis.Tokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenizerFactory;

/**
 * A tokenizer.
 *
 * @param plain the tokenizer as it is when it is only named
 * @param reader the tokenizer with parameters
 */
record TokenizerComponent(
        String name, Supplier<Tokenizer> plain, Set<String> parameters, Component.Configuration<Supplier<Tokenizer>> reader)
        implements Component<TokenizerFactory> {

    PreConfiguredTokenizer preconfigured() {
        return PreConfiguredTokenizer.singleton(name, plain);
    }

    @Override
    public TokenizerFactory configured(IndexSettings index, String given, Settings settings) {
        return TokenizerFactory.newFactory(given, reader.read(index, settings));
    }
}
