"""Spanish words of the demo company."""

from localorg.company.words.language import Language, lines, sentences, titles, words

SPANISH = Language(
    code="es",
    locale="es",
    women=words(
        """Adriana Ainhoa Alba Alicia Almudena Amparo Ana_Belén Andrea Ángela Araceli Asunción Beatriz Begoña
        Blanca Candela Carlota Carmen Carolina Catalina Cecilia Concepción Consuelo Cristina Dolores Elena
        Esperanza Estela Eva Fátima Gabriela Gloria Graciela Guadalupe Inés Irene Isabel Itziar Jimena Julia
        Laura Leonor Lidia Lola Lorena Lourdes Lucía Luisa Manuela Marcela María_José Maribel Marisol Marta
        Mercedes Míriam Mónica Montserrat Noelia Nuria Olga Paloma Patricia Paula Pilar Raquel Remedios Rocío
        Rosario Sofía Soledad Susana Úrsula Verónica Ximena Yolanda"""
    ),
    men=words(
        """Adrián Agustín Aitor Alberto Alejandro Alfonso Álvaro Andrés Ángel Antonio Arturo Baltasar Benito
        Bernardo Bruno Carlos César Cristóbal Damián Darío Diego Domingo Eduardo Efraín Emilio Enrique Ernesto
        Esteban Eugenio Federico Felipe Fermín Fernando Francisco Gerardo Germán Gonzalo Gregorio Guillermo
        Gustavo Héctor Hernán Hugo Ignacio Íñigo Ismael Iván Jacinto Jaime Javier Jesús Joaquín Jorge José_Luis
        José_Ángel Juan_Carlos Julián Julio Leandro Lorenzo Luis Manuel Marcos Martín Mateo Matías Mauricio
        Miguel Nicolás Óscar Pablo Pascual Rafael Ramón Raúl Ricardo Rodrigo Rubén Salvador Santiago Sergio
        Tomás Vicente Víctor"""
    ),
    families=words(
        """Abascal_Ríos Acosta_Peña Aguirre Alarcón Alcántara Almagro Altamirano Álvarez Arana Aranda Arrieta
        Ávalos Ballesteros Barragán Becerra Benavides Bermúdez Bustamante Caballero Cabrera Calderón Camacho
        Cárdenas Castañeda Castellanos Cervantes Cisneros Córdoba Correa Cortázar Cuéllar Dávila Echeverría
        Escalante Escudero Espinosa_de_los_Monteros Estévez Fajardo Figueroa Fuentes Galindo Gallardo García
        García_Nuño Garrido Gimeno González Guerrero Gutiérrez Hernández Herrera Hidalgo Huerta Ibáñez Iglesias
        Iturbe Jáuregui Jiménez Lafuente Larrañaga Lozano Luján Maldonado Márquez Martínez Medrano Mejía Méndez
        Montenegro Montoya Muñoz Navarrete Noriega Núñez Ocampo Olivares Ordóñez Ortega Osorio Pacheco Palacios
        Paredes Peñalver Pérez Pizarro Quintana Quiñones Rebolledo Rivas Robledo Rodríguez Salcedo Sánchez
        Santamaría Sepúlveda Solís Tamayo Urrutia Valdés Valenzuela Velázquez Villalobos Yáñez Zambrano Zúñiga
        de_la_Vega"""
    ),
    family_first=False,
    heads=words(
        """Agua Alta Ara Bella Campo Cande Casti Cora Flor Fuente Guada Hidal Jara Lagu Mira Monte Nava Olmo
        Peña Pina Roca Sala Santa Serra Sol Torre Valde Vega Villa Zara"""
    ),
    tails=words(
        """bal blanca brava casa cillo clara dor dora fría fuerte gosa hermosa lar lejo lina luz mar mara nares
        nero nieve nova poza rica rosa terra tierra verde viva zal"""
    ),
    trades=words(
        """Aceros Alimentos Aluminios Automatismos Azulejos Bebidas Bodegas Calderas Cartonajes Cementos
        Cerámicas Cervecera Componentes Conservas Construcciones Electrónica Embalajes Energía Envases Equipos
        Fundiciones Hidráulica Industrias Instrumentación Laboratorios Lácteos Logística Manufacturas Maquinaria
        Mecanizados Metalúrgica Minera Molinos Papelera Plásticos Química Robótica Sistemas Suministros Talleres
        Textiles Válvulas Vidrios"""
    ),
    patterns=("{trade} {stem}, {form}", "{trade} {stem} {form}", "{stem} {trade} {form}"),
    titles=titles(
        """Director general / Directora general | Dirección
        Director de planta / Directora de planta | Producción
        Jefe de producción / Jefa de producción | Producción
        Responsable de automatización | Ingeniería
        Jefe de mantenimiento / Jefa de mantenimiento | Mantenimiento
        Ingeniero de control / Ingeniera de control | Ingeniería
        Jefe de compras / Jefa de compras | Compras
        Comprador / Compradora | Compras
        Responsable de calidad | Calidad
        Director de sistemas / Directora de sistemas | Sistemas
        Director financiero / Directora financiera | Finanzas
        Jefe de proyecto / Jefa de proyecto | Ingeniería
        Técnico de prevención / Técnica de prevención | Seguridad"""
    ),
    problems=sentences(
        """{product}: parada con error {code} | Nuestra {product} se detiene con el error {code} cada dos horas \
desde el cambio de formato. Al reiniciar funciona, pero perdemos producción.
        Sobrecalentamiento a plena carga | El variador supera los 90 °C tras una hora a plena carga. Los \
filtros están limpios. Se trata de la {product} en {city}.
        Sin conexión tras la actualización | Después de actualizar la {product}, el equipo no responde en la red \
de {city}. Necesitamos producir el lunes.
        Solicitud de repuestos | Por favor, coticen dos módulos para la {product}, referencia {code}, con \
entrega en {city}.
        Falta el certificado de calibración | El certificado de la {product} no venía en la caja. Número de \
serie {code}. La auditoría es esta semana.
        Ruido en el reductor | Se oye un roce en el segundo eje de la {product} desde el cambio de correa. \
¿Puede venir un técnico a {city}?
        La licencia no se activa | La clave de la {product} se rechaza con el mensaje {code}. El servidor no \
tiene acceso a Internet.
        Formación para operadores | Tenemos seis operadores nuevos en {city} y queremos un curso de dos días \
sobre la {product} el próximo trimestre."""
    ),
    comments=lines(
        """Llamamos al cliente, esperamos los registros.
        Módulo de repuesto enviado por mensajería urgente.
        Reproducido en el laboratorio y pasado a desarrollo.
        El cliente confirma que la solución provisional funciona.
        Sesión remota realizada, el parámetro 214 estaba mal.
        Sin respuesta desde hace una semana, recordatorio enviado."""
    ),
    tasks=lines(
        """Llamar por la oferta
        Enviar la propuesta revisada
        Seguimiento tras la demostración
        Confirmar plazos con logística
        Pedir el pedido firmado
        Enviar referencias
        Preparar la renovación"""
    ),
    meetings=lines(
        """Visita a planta
        Taller técnico
        Demostración de producto
        Revisión trimestral
        Negociación del contrato"""
    ),
    notes=lines(
        """Presupuesto aprobado, decisión después del consejo.
        El director de planta nos prefiere; compras pide otra oferta.
        Tienen dos líneas de la competencia y quieren unificar.
        La puesta en marcha de la nave de {city} depende de este proyecto.
        Pide más garantía y repuestos locales.
        Siguiente paso: prueba con sus propias piezas."""
    ),
)
